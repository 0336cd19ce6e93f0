using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Pointwise;

/// <summary>x limited to min ... max; NaN stays. Where min is above max, the result is max. The gradient passes at the bounds.</summary>
public sealed class Clip() : UnaryOperator("clip", "x limited to min ... max.", PointwiseOpcode.Clip, null, families: ElementFamilies.Number)
{
    /// <summary>Lower bound; none when absent.</summary>
    public static AttributeDefinition<double?> Minimum { get; } = new("min", "Lower bound; none when absent.");

    /// <summary>Upper bound; none when absent.</summary>
    public static AttributeDefinition<double?> Maximum { get; } = new("max", "Upper bound; none when absent.");

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Minimum, Maximum];

    /// <inheritdoc/>
    public override IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("Clip", 1, node => node.Emit("clip", Bounds(node.Has("min") ? node.Real("min", 0) : null, node.Has("max") ? node.Real("max", 0) : null), node.Input(0))) with { UntilVersion = 10 },
        ImportRule.Single("Clip", 11, Import),
    ];

    /// <inheritdoc/>
    public override void Export(ExportNode node)
    {
        var type = node.TypeOf(0).DataType;
        node.Result("Clip", [node.Inputs[0], node.Get(Minimum) is { } low ? node.Scalar(low, type) : "", node.Get(Maximum) is { } high ? node.Scalar(high, type) : ""]);
    }

    private protected override double Compute(double x, AttributeSet attributes)
    {
        var (low, high) = Numbers(attributes);
        return Math.Min(Math.Max(x, low), high);
    }

    private protected override long Compute(long x, AttributeSet attributes)
    {
        var (low, high) = Numbers(attributes);
        return Math.Min(Math.Max(x, (long)low), (long)high);
    }

    private protected override (double Alpha, double Beta) Numbers(AttributeSet attributes) =>
        (attributes.Get(Minimum) ?? double.NegativeInfinity, attributes.Get(Maximum) ?? double.PositiveInfinity);

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes)
    {
        var (low, high) = Numbers(attributes);
        var result = g;
        if (!double.IsInfinity(low)) result = x.Apply("greater_equal", x.Constant(low)).Choose(result, g.Constant(0));
        if (!double.IsInfinity(high)) result = x.Apply("less_equal", x.Constant(high)).Choose(result, g.Constant(0));
        return result;
    }

    // Since opset 11 the bounds are inputs: constants become attributes, others stay tensors.
    private static Value Import(ImportNode node)
    {
        var x = node.Input(0);
        if (x.DataType.IsFloat() && IsKnown(node, 1) && IsKnown(node, 2)) return node.Emit("clip", Bounds(Bound(node, 1), Bound(node, 2)), x);
        if (node.HasInput(1)) x = node.Emit("max", x, node.Input(1));
        if (node.HasInput(2)) x = node.Emit("min", x, node.Input(2));
        return node.HasInput(1) || node.HasInput(2) ? x : node.Emit("identity", x);
    }

    private static bool IsKnown(ImportNode node, int input) => !node.HasInput(input) || node.Input(input).Constant is { Count: 1 };

    private static double? Bound(ImportNode node, int input) => node.HasInput(input) ? ElementConversion.LoadReals(node.Input(input).Constant!)[0] : null;

    private static AttributeSet Bounds(double? low, double? high)
    {
        var attributes = AttributeSet.Empty;
        if (low is { } minimum) attributes = attributes.With(Minimum, minimum);
        if (high is { } maximum) attributes = attributes.With(Maximum, maximum);
        return attributes;
    }
}
