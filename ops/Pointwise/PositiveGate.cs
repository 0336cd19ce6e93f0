using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>b where a is positive, else alpha * b: the gradient of relu and leaky_relu, in one step.</summary>
public sealed class PositiveGate() : BinaryOperator("positive_gate", "b where a > 0, else alpha * b (0 where alpha is 0): the gradient of relu and leaky_relu.", PointwiseOpcode.PositiveGate, null)
{
    /// <summary>Factor of b where a is not positive.</summary>
    public static AttributeDefinition<double> Alpha { get; } = new("alpha", "Factor of b where a is not positive.", 0.0);

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Alpha];

    /// <inheritdoc/>
    public override bool IsPublic => false;

    private protected override double Compute(double a, double b, AttributeSet attributes) => a > 0 ? b : attributes.Get(Alpha) * b;

    private protected override long Compute(long a, long b, AttributeSet attributes) => a > 0 ? b : unchecked((long)attributes.Get(Alpha) * b);

    private protected override (double Alpha, double Beta) Numbers(AttributeSet attributes) => (attributes.Get(Alpha), 0);

    private protected override Value? GradientOfSecond(Formula g, Formula a, Formula b, Formula y, AttributeSet attributes) => a.Apply("positive_gate", attributes, g);
}
