using VkNet.Compilation;
using VkNet.Operators.Pointwise.Lowering;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Layout.Lowering;

/// <summary>Writes the kernel call that copies a strided region.</summary>
internal static class StridedCopy
{
    private const int MaximumAxes = 12;
    private const int CopyGroup = 256;
    private const int TransposeGroup = 64;

    /// <summary>Copies a region of dense tensors. Outside it the target is left alone.</summary>
    internal static void Run(LoweringContext context, DeviceTensor source, DeviceTensor target, StridedRegion region)
    {
        if (region.Count == 0) return;
        region = region.Merge();
        if (Math.Max(source.Shape.ElementCount, target.Shape.ElementCount) > int.MaxValue / 2)
            throw new VkNetException("VKN4212", $"{context.Node.Operator.Name} '{context.Node.Name}': {source.Type} to {target.Type} has more elements than a kernel can number", "split the tensor", context.Node.Location, ErrorKind.Device);
        if (region.Sizes.Length > MaximumAxes)
            throw new VkNetException("VKN4213", $"{context.Node.Operator.Name} '{context.Node.Name}': moving {source.Type} needs {region.Sizes.Length} axes that cannot be merged; kernels know {MaximumAxes}", null, context.Node.Location, ErrorKind.Device);
        if (FindExchange(region) is { } axis) RunTranspose(context, source, target, region, axis);
        else RunCopy(context, source, target, region);
    }

    // The axis along which the source is contiguous, when the kernel that turns blocks of 4 x 4 can be used.
    private static int? FindExchange(StridedRegion region)
    {
        var last = region.Sizes.Length - 1;
        var inner = Array.IndexOf(region.SourceStrides, 1);
        if (inner < 0 || inner == last || region.TargetStrides[last] != 1 || region.Sizes[last] % 4 != 0 || region.Sizes[inner] % 4 != 0) return null;
        if (region.SourceOffset % 4 != 0 || region.TargetOffset % 4 != 0) return null;
        for (var axis = 0; axis <= last; axis++)
            if ((axis != inner && region.SourceStrides[axis] % 4 != 0) || (axis != last && region.TargetStrides[axis] % 4 != 0)) return null;
        return inner;
    }

    private static void RunTranspose(LoweringContext context, DeviceTensor source, DeviceTensor target, StridedRegion region, int inner)
    {
        var last = region.Sizes.Length - 1;
        var order = Enumerable.Range(0, last).Where(a => a != inner).Reverse().Prepend(inner).Prepend(last).ToArray();
        var parameters = new LayoutTranspose.Parameters
        {
            Blocks = (int)(region.Count / 16),
            SourceOffset = (int)region.SourceOffset,
            TargetOffset = (int)region.TargetOffset,
            SourceStep = (int)region.SourceStrides[last],
            TargetStep = (int)region.TargetStrides[inner],
        };
        for (var i = 0; i < order.Length; i++)
        {
            var block = i < 2 ? 4 : 1;
            parameters.Size[i] = (int)(region.Sizes[order[i]] / block);
            (parameters.Multiplier[i], parameters.Shift[i]) = FastDivisor.Of(region.Sizes[order[i]] / block);
            parameters.SourceStride[i] = (int)(region.SourceStrides[order[i]] * block);
            parameters.TargetStride[i] = (int)(region.TargetStrides[order[i]] * block);
        }
        context.Dispatch(context.Choose(LayoutTranspose.Family.Variants, source)).Parameters(parameters)
            .Constant(LayoutTranspose.Constants.Axes, order.Length)
            .Bind(LayoutTranspose.Bindings.Source, source)
            .Bind(LayoutTranspose.Bindings.Target, target)
            .Cost(0, 8.0 * region.Count)
            .RunLinear(region.Count / 16, TransposeGroup);
    }

    private static void RunCopy(LoweringContext context, DeviceTensor source, DeviceTensor target, StridedRegion region)
    {
        var last = region.Sizes.Length - 1;
        var vectors = region.SourceStrides[last] == 1 && region.TargetStrides[last] == 1 && region.Sizes[last] % 4 == 0
            && region.SourceOffset % 4 == 0 && region.TargetOffset % 4 == 0
            && Enumerable.Range(0, last).All(a => region.SourceStrides[a] % 4 == 0 && region.TargetStrides[a] % 4 == 0);
        var parameters = new LayoutStridedCopy.Parameters { Count = (int)region.Count, SourceOffset = (int)region.SourceOffset, TargetOffset = (int)region.TargetOffset };
        for (var i = 0; i <= last; i++)
        {
            var axis = last - i;
            var group = vectors && i == 0 ? 4 : 1;
            parameters.Size[i] = (int)(region.Sizes[axis] / group);
            (parameters.Multiplier[i], parameters.Shift[i]) = FastDivisor.Of(region.Sizes[axis] / group);
            parameters.SourceStride[i] = (int)(region.SourceStrides[axis] * group);
            parameters.TargetStride[i] = (int)(region.TargetStrides[axis] * group);
        }
        context.Dispatch(context.Choose(LayoutStridedCopy.Family.Variants, source)).Parameters(parameters)
            .Constant(LayoutStridedCopy.Constants.Axes, last + 1)
            .Constant(LayoutStridedCopy.Constants.Vectors, vectors ? 1 : 0)
            .Constant(LayoutStridedCopy.Constants.TargetDense, region.IsContiguousInTarget && region.TargetOffset % 4 == 0 ? 1 : 0)
            .Bind(LayoutStridedCopy.Bindings.Source, source)
            .Bind(LayoutStridedCopy.Bindings.Target, target)
            .Cost(0, 8.0 * region.Count)
            .RunLinear((region.Count + 3) / 4, CopyGroup);
    }
}
