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
        var tensors = Enumerable.Range(0, context.Node.Inputs.Count).Select(context.Input).ToArray();
        var groups = tensors.Sum(Groups);
        var sums = context.Workspace("sums", new TensorType(DataType.Float32, [Math.Max(1, groups)]));
        long place = 0;
        foreach (var tensor in tensors)
        {
            Kernel(context, tensor, sums, place, finish: false).RunLinear(Groups(tensor) * GroupSize, GroupSize);
            place += Groups(tensor);
        }
        Kernel(context, sums, context.Output(0), 0, finish: true, groups).Run(1);

        static long Groups(DeviceTensor tensor) => (tensor.Shape.ElementCount + ElementsPerGroup - 1) / ElementsPerGroup;
    }

    private static DispatchBuilder Kernel(LoweringContext context, DeviceTensor source, DeviceTensor result, long place, bool finish, long? elements = null) =>
        context.Dispatch(context.Choose(OptimizerNorm.Family.Variants, source))
            .Parameters(checked(new OptimizerNorm.Parameters { Elements = (int)(elements ?? source.Shape.ElementCount), Place = (int)place }))
            .Bind(OptimizerNorm.Bindings.Source, source)
            .Bind(OptimizerNorm.Bindings.Result, result)
            .Constant(OptimizerNorm.Constants.Finish, finish ? 1 : 0)
            .Cost(2.0 * source.Shape.ElementCount, source.Bytes);
}
