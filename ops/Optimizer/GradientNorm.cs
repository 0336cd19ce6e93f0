using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Optimizer;

/// <summary>The Euclidean norm of several tensors together, for clipping and for watching a training.</summary>
public sealed class GradientNorm : Operator, ILowering
{
    private const int GroupSize = 64;
    private const int ElementsPerGroup = 4096;

    /// <inheritdoc/>
    public override string Name => "global_norm";

    /// <inheritdoc/>
    public override string Summary => "The square root of the sum of the squares of all elements of all tensors.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("inputs", "real tensors of any shapes") { Variadic = true }];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new(Reals(67), Reals(3, 5), Reals(1)), new(Reals(9001))];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        for (var i = 0; i < context.InputCount; i++) context.RequireFloat(i);
        return [new TensorType(context.Input(0).DataType, Shape.Scalar)];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        double sum = 0;
        for (var t = 0; t < context.InputCount; t++)
            foreach (var value in context.Reals(t)) sum += value * value;
        context.SetReals(0, [Math.Sqrt(sum)]);
    }

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (g, norm) = (Formula.Of(context, context.Upstream), Formula.Of(context, context.Output(0)));
        // Where everything is zero there is a kink; its slope is taken as zero.
        var factor = norm.IsAbove(0).Choose(g / norm, norm.Constant(0));
        return [.. Enumerable.Range(0, context.Node.Inputs.Count).Select(i => context.Needed[i] ? (Value?)(Formula.Of(context, context.Input(i)) * factor) : null)];
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var tensors = Enumerable.Range(0, context.Node.Inputs.Count).Select(context.Input).Where(t => t.Shape.ElementCount > 0).ToArray();
        // Every workgroup sums a part of one tensor, and the sums are added in the tensors' order, however the tensors lie.
        var places = new long[tensors.Length + 1];
        for (var t = 0; t < tensors.Length; t++) places[t + 1] = places[t] + (tensors[t].Shape.ElementCount + ElementsPerGroup - 1) / ElementsPerGroup;
        var sums = context.Workspace("sums", new TensorType(DataType.Float32, [Math.Max(1, places[^1])]));
        var number = 0;
        foreach (var run in TensorRun.Of([.. tensors.Select(t => new[] { Whole(t) })], context.Profile.BufferAlignment))
        {
            var source = run.Slices[0];
            var parts = new List<int>();
            foreach (var t in run.Members)
            {
                var first = (tensors[t].Offset - source.Offset) / DeviceTensor.ElementBytes;
                var count = tensors[t].Shape.ElementCount;
                for (long start = 0; start < count; start += ElementsPerGroup)
                    parts.AddRange(checked([(int)(first + start), (int)(first + Math.Min(start + ElementsPerGroup, count)), (int)(places[t] + start / ElementsPerGroup), 0]));
            }
            var table = context.Table($"parts {number++}", Tensor.From(parts.ToArray(), parts.Count));
            Kernel(context, source, Whole(table), sums, parts.Count / 4, finish: false).RunLinear(parts.Count / 4 * GroupSize, GroupSize);
        }
        Kernel(context, Whole(sums), Whole(sums), context.Output(0), places[^1], finish: true).Run(1);
    }

    private static TensorSlice Whole(DeviceTensor tensor) => new(tensor.Buffer, tensor.Offset, tensor.Bytes);

    private static DispatchBuilder Kernel(LoweringContext context, TensorSlice source, TensorSlice parts, DeviceTensor result, long count, bool finish)
    {
        var elements = source.Bytes / DeviceTensor.ElementBytes;
        return context.Dispatch(context.Choose(OptimizerNorm.Family.Variants, new DeviceTensor(source.Buffer, source.Offset, new TensorType(DataType.Float32, [elements]), Graphs.Layout.Dense)))
            .Parameters(new OptimizerNorm.Parameters { Count = checked((int)count) })
            .Bind(OptimizerNorm.Bindings.Source, source)
            .Bind(OptimizerNorm.Bindings.Parts, parts)
            .Bind(OptimizerNorm.Bindings.Result, result)
            .Constant(OptimizerNorm.Constants.Finish, finish ? 1 : 0)
            .Cost(2.0 * elements, source.Bytes);
    }
}
