using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Pointwise;

/// <summary>Whether it is NaN.</summary>
public sealed class IsNan() : UnaryOperator("is_nan", "Whether it is NaN.", PointwiseOpcode.IsNan, "IsNaN", since: 9)
{
    /// <inheritdoc/>
    public override bool IsDifferentiable => false;

    private protected override double Compute(double x, AttributeSet attributes) => double.IsNaN(x) ? 1 : 0;

    private protected override DataType ResultType(DataType input, AttributeSet attributes) => DataType.Bool;
}
