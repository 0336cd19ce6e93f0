using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Pointwise;

/// <summary>Whether it is infinite.</summary>
public sealed class IsInf() : UnaryOperator("is_inf", "Whether it is infinite.", PointwiseOpcode.IsInfinite, "IsInf", since: 10)
{
    /// <summary>Whether -infinity counts.</summary>
    public static AttributeDefinition<bool> DetectNegative { get; } = new("detect_negative", "Whether -infinity counts.", true);

    /// <summary>Whether +infinity counts.</summary>
    public static AttributeDefinition<bool> DetectPositive { get; } = new("detect_positive", "Whether +infinity counts.", true);

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [DetectNegative, DetectPositive];

    /// <inheritdoc/>
    public override bool IsDifferentiable => false;

    private protected override double Compute(double x, AttributeSet attributes) =>
        (double.IsNegativeInfinity(x) && attributes.Get(DetectNegative)) || (double.IsPositiveInfinity(x) && attributes.Get(DetectPositive)) ? 1 : 0;

    private protected override (double Alpha, double Beta) Numbers(AttributeSet attributes) => (attributes.Get(DetectNegative) ? 1 : 0, attributes.Get(DetectPositive) ? 1 : 0);

    private protected override DataType ResultType(DataType input, AttributeSet attributes) => DataType.Bool;

    private protected override IEnumerable<(string Name, object Value)> ExportAttributes(AttributeSet attributes) => [("detect_negative", attributes.Get(DetectNegative)), ("detect_positive", attributes.Get(DetectPositive))];

    private protected override AttributeSet ImportAttributes(ImportNode node) =>
        AttributeSet.Empty.With(DetectNegative, node.Integer("detect_negative", 1) != 0).With(DetectPositive, node.Integer("detect_positive", 1) != 0);
}
