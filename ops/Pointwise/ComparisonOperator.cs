using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Pointwise;

/// <summary>Base of the operators that ask a question of two elements and answer with a truth value.</summary>
public abstract class ComparisonOperator : BinaryOperator
{
    private protected ComparisonOperator(string name, string summary, PointwiseOpcode opcode, string? onnxName, int since = 1, ElementFamilies families = ElementFamilies.Number)
        : base(name, summary, opcode, onnxName, since, families)
    {
    }

    /// <inheritdoc/>
    public sealed override bool IsDifferentiable => false;

    /// <summary>The answer for reals.</summary>
    private protected abstract bool Holds(double a, double b);

    /// <summary>The answer for whole numbers and truth values (0 or 1).</summary>
    private protected abstract bool Holds(long a, long b);

    private protected sealed override DataType ResultType(DataType input, AttributeSet attributes) => DataType.Bool;

    private protected sealed override double Compute(double a, double b, AttributeSet attributes) => Holds(a, b) ? 1 : 0;

    private protected sealed override long Compute(long a, long b, AttributeSet attributes) => Holds(a, b) ? 1 : 0;
}
