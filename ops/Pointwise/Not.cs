using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Pointwise;

/// <summary>Whether it is false.</summary>
public sealed class Not() : UnaryOperator("not", "Whether it is false.", PointwiseOpcode.LogicalNot, "Not", families: ElementFamilies.Truth)
{
    /// <inheritdoc/>
    public override bool IsDifferentiable => false;

    private protected override double Compute(double x, AttributeSet attributes) => x == 0 ? 1 : 0;

    private protected override long Compute(long x, AttributeSet attributes) => x == 0 ? 1 : 0;

    private protected override DataType ResultType(DataType input, AttributeSet attributes) => DataType.Bool;
}
