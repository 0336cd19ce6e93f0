using VkNet.Compilation;
using VkNet.Operators.Pointwise.Lowering;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Resampling;

/// <summary>Writes the calls of the resampling kernels. Tensors may lie dense or channels-last; maps of channels-last tensors leave batch and channels alone.</summary>
internal static class ResampleKernels
{
    private const int GroupSize = 64;
    private const int MaximumAxes = 8;

    // Two axes are done in one call while that reads hardly more than two calls would.
    private const int MaximumTapsAtOnce = 4;

    /// <summary>Applies linear maps along axes, one after the other, those that shrink the tensor most first.</summary>
    internal static void Map(LoweringContext context, DeviceTensor input, DeviceTensor output, IReadOnlyList<AxisMap> maps, double fill)
    {
        if (output.Shape.ElementCount == 0) return;
        if (maps.Count == 0)
        {
            context.Alias(0, input);
            return;
        }
        var sizes = Physical(input);
        var source = input;
        var pending = maps.Select(m => m with { Axis = PhysicalAxis(input, m.Axis) }).OrderBy(m => (double)m.Output / m.Input).ToList();
        for (var step = 0; pending.Count > 0; step++)
        {
            var first = pending[0];
            pending.RemoveAt(0);
            var second = pending.FirstOrDefault(m => m.Taps * first.Taps <= MaximumTapsAtOnce);
            if (second is not null) pending.Remove(second);
            var (a, b) = second is null ? (null, first) : first.Axis < second.Axis ? (first, second) : (second, first);
            var next = (long[])sizes.Clone();
            next[b.Axis] = b.Output;
            if (a is not null) next[a.Axis] = a.Output;
            var target = pending.Count == 0 ? output : context.Workspace($"resampled {step}", new TensorType(DataType.Float32, new Shape(next)));
            Run(context, source, target, new Shape(sizes), a, b, fill, step);
            (source, sizes) = (target, next);
        }
    }

    /// <summary>Selects elements along axes: every map has one tap. Works for elements of any type.</summary>
    internal static void Select(LoweringContext context, DeviceTensor input, DeviceTensor output, IReadOnlyList<AxisMap> maps, double fill)
    {
        if (output.Shape.ElementCount == 0) return;
        if (maps.Count == 0)
        {
            context.Alias(0, input);
            return;
        }
        var (shape, byAxis) = (new Shape(Physical(input)), maps.ToDictionary(m => PhysicalAxis(input, m.Axis)));
        var axes = Merge(shape, byAxis);
        var count = axes.Aggregate(1L, (product, axis) => checked(product * axis.Target));
        if (axes.Count > MaximumAxes || count > int.MaxValue / 2)
            throw new VkNetException("VKN4213", $"{context.Node.Operator.Name} '{context.Node.Name}': {output.Type} has too many elements or resized axes for a kernel", null, context.Node.Location, ErrorKind.Device);
        var vectors = axes[0].Map is null && axes[0].Target % 4 == 0;
        var (table, parameters) = (new List<int>(), new ResamplingNearest.Parameters { Count = (int)count, Fill = Bits(input, fill) });
        for (var i = 0; i < axes.Count; i++)
        {
            var size = axes[i].Target / (vectors && i == 0 ? 4 : 1);
            parameters.Size[i] = (int)size;
            (parameters.Multiplier[i], parameters.Shift[i]) = FastDivisor.Of(size);
            parameters.Stride[i] = (int)axes[i].Stride;
            parameters.Table[i] = axes[i].Map is null ? -1 : table.Count;
            if (axes[i].Map is { } map) table.AddRange(map.Sources.Select(s => s < 0 ? -1 : checked((int)(s * axes[i].Stride))));
        }
        context.Dispatch(context.Choose(ResamplingNearest.Family.Variants, input)).Parameters(parameters)
            .Constant(ResamplingNearest.Constants.Axes, axes.Count)
            .Constant(ResamplingNearest.Constants.Vectors, vectors ? 1 : 0)
            .Bind(ResamplingNearest.Bindings.Source, input)
            .Bind(ResamplingNearest.Bindings.Places, context.Table("places", Tensor.From(table.ToArray(), table.Count)))
            .Bind(ResamplingNearest.Bindings.Result, output)
            .Cost(0, 8.0 * count)
            .RunLinear((count + 3) / 4, GroupSize);
    }

    private static void Run(LoweringContext context, DeviceTensor source, DeviceTensor target, Shape sizes, AxisMap? a, AxisMap b, double fill, int step)
    {
        var inner = sizes.Product(b.Axis + 1, sizes.Rank);
        var vectors = inner % 4 == 0;
        if (vectors) inner /= 4;
        var (outer, middle) = a is null ? (sizes.Product(0, b.Axis), 1) : (sizes.Product(0, a.Axis), sizes.Product(a.Axis + 1, b.Axis));
        var count = checked(outer * (a?.Output ?? 1) * middle * b.Output * inner);
        if (count * (vectors ? 4 : 1) > int.MaxValue / 2 || source.Bytes / DeviceTensor.ElementBytes > int.MaxValue / 2)
            throw new VkNetException("VKN4212", $"{context.Node.Operator.Name} '{context.Node.Name}': {source.Type} to {target.Type} has more elements than a kernel can number", "split the tensor", context.Node.Location, ErrorKind.Device);
        List<int> table = [];
        if (a is null) table.AddRange([0, BitConverter.SingleToInt32Bits(1)]);
        else Append(table, a);
        var firstB = table.Count;
        Append(table, b);
        context.Dispatch(context.Choose(ResamplingLinear.Family.Variants, source))
            .Parameters(new ResamplingLinear.Parameters
            {
                Count = (int)count, SourceA = (int)(a?.Input ?? 1), TargetA = (int)(a?.Output ?? 1), Middle = (int)middle, SourceB = (int)b.Input, TargetB = (int)b.Output,
                Inner = (int)inner, TapsA = a?.Taps ?? 1, TapsB = b.Taps, FirstB = firstB, Fill = (float)fill,
            })
            .Constant(ResamplingLinear.Constants.Vectors, vectors ? 1 : 0)
            .Bind(ResamplingLinear.Bindings.Source, source)
            .Bind(ResamplingLinear.Bindings.Taps, context.Table($"taps {step}", Tensor.From(table.ToArray(), table.Count)))
            .Bind(ResamplingLinear.Bindings.Result, target)
            .Cost(2.0 * target.Shape.ElementCount * (a?.Taps ?? 1) * b.Taps, (double)source.Bytes + target.Bytes)
            .RunLinear(vectors ? count : (count + 3) / 4, GroupSize);
    }

    private static void Append(List<int> table, AxisMap map)
    {
        for (var k = 0; k < map.Sources.Length; k++)
        {
            table.Add(map.Sources[k]);
            table.Add(BitConverter.SingleToInt32Bits((float)map.Weights[k]));
        }
    }

    // Axes innermost first; neighbours that stay as they are are one.
    private static List<(AxisMap? Map, long Target, long Stride)> Merge(Shape shape, Dictionary<int, AxisMap> maps)
    {
        var axes = new List<(AxisMap? Map, long Target, long Stride)>();
        long stride = 1;
        for (var axis = shape.Rank - 1; axis >= 0; axis--)
        {
            if (maps.TryGetValue(axis, out var map)) axes.Add((map, map.Output, stride));
            else if (axes.Count > 0 && axes[^1].Map is null) axes[^1] = axes[^1] with { Target = axes[^1].Target * shape[axis] };
            else if (shape[axis] != 1) axes.Add((null, shape[axis], stride));
            stride *= shape[axis];
        }
        return axes;
    }

    private static long[] Physical(DeviceTensor tensor) => tensor.Layout == Graphs.Layout.Dense
        ? tensor.Shape.ToArray()
        : [tensor.Shape[0], .. tensor.Shape.Skip(2), tensor.PaddedChannels];

    private static int PhysicalAxis(DeviceTensor tensor, int axis) => tensor.Layout == Graphs.Layout.Dense ? axis : axis - 1;

    private static uint Bits(DeviceTensor tensor, double value) =>
        tensor.Type.DataType.IsFloat() ? BitConverter.SingleToUInt32Bits((float)value) : unchecked((uint)(int)value);
}
