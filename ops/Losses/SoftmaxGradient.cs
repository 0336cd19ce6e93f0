using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Losses;

/// <summary>
/// The gradient of a softmax y, g being the gradient of y: y (g - sum of g y); of a log-softmax y: g - e^y (sum of g). Gradient rules emit it.
/// </summary>
public sealed class SoftmaxGradient : Operator, ILowering
{
    private const int GroupSize = 64;

    private readonly bool _logarithmic;

    /// <summary>Makes the operator.</summary>
    /// <param name="logarithmic">True for the gradient of log-softmax.</param>
    public SoftmaxGradient(bool logarithmic) => _logarithmic = logarithmic;

    /// <inheritdoc/>
    public override string Name => _logarithmic ? "log_softmax_gradient" : "softmax_gradient";

    /// <inheritdoc/>
    public override string Summary => _logarithmic ? "The gradient of log_softmax: g - e^y * sum of g." : "The gradient of softmax: y * (g - sum of g * y).";

    /// <inheritdoc/>
    public override bool IsPublic => false;

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("output", "the operator's output"), new("upstream", "the gradient of the output")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [SoftmaxAxis.Axis];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(RealsWithin(-1, 0, 7, 10), Reals(7, 10)), new OperatorSample(RealsWithin(-1, 0, 2, 33, 3), Reals(2, 33, 3)).With(SoftmaxAxis.Axis, 1), new OperatorSample(RealsWithin(-1, 0, 2, 5, 8), Reals(2, 5, 8)).With(SoftmaxAxis.Axis, 1),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = SoftmaxAxis.Infer(context);
        if (context.Input(1) != type) context.Fail("VKN2251", $"the gradient is {context.Input(1)}, but the output was {type}");
        return [type];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var rows = AxisRows.Of(context.ShapeOf(0), context.Get(SoftmaxAxis.Axis));
        var (y, g) = (context.Reals(0), context.Reals(1));
        for (var row = 0L; row < rows.Count; row++)
        {
            var total = 0.0;
            for (var i = 0L; i < rows.Extent; i++) total += g[rows.Place(row, i)] * (_logarithmic ? 1 : y[rows.Place(row, i)]);
            for (var i = 0L; i < rows.Extent; i++)
            {
                var place = rows.Place(row, i);
                g[place] = _logarithmic ? g[place] - Math.Exp(y[place]) * total : y[place] * (g[place] - total);
            }
        }
        context.SetReals(0, g);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var output = context.Output(0);
        if (output.Shape.ElementCount == 0) return;
        var rows = AxisRows.Of(output.Shape, context.Get(SoftmaxAxis.Axis));
        var kernel = context.Choose(LossSoftmaxGradient.Family.Variants, output);
        var (vector, aligned, lanes, units) = rows.Arrange(kernel);
        context.Dispatch(kernel)
            .Parameters(checked(new LossSoftmaxGradient.Parameters { Units = (int)units, Extent = (int)rows.Extent, Inner = (int)rows.Inner }))
            .Constant(LossSoftmaxGradient.Constants.Vector, vector)
            .Constant(LossSoftmaxGradient.Constants.AlignedRows, aligned)
            .Constant(LossSoftmaxGradient.Constants.Lanes, lanes)
            .Constant(LossSoftmaxGradient.Constants.Logarithm, _logarithmic ? 1 : 0)
            .Bind(LossSoftmaxGradient.Bindings.Output, context.Input(0))
            .Bind(LossSoftmaxGradient.Bindings.Upstream, context.Input(1))
            .Bind(LossSoftmaxGradient.Bindings.Result, output)
            .Cost(4.0 * output.Shape.ElementCount, 3.0 * output.Bytes)
            .RunLinear(units * lanes, GroupSize);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var axis = context.Node.Get(SoftmaxAxis.Axis);
        var (y, g, u) = (Formula.Of(context, context.Input(0)), Formula.Of(context, context.Input(1)), Formula.Of(context, context.Upstream));
        if (_logarithmic)
        {
            var exponential = y.Apply("exp");
            return [-(u * exponential * Softmax.Total(g, axis)), u - Softmax.Total(u * exponential, axis)];
        }
        var alongY = Softmax.Total(u * y, axis);
        return [u * (g - Softmax.Total(g * y, axis)) - g * alongY, y * (u - alongY)];
    }
}
