using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Pointwise;

/// <summary>a divided by 2 to the power b, as an unsigned number.</summary>
public sealed class ShiftRight() : BinaryOperator("shift_right", "a divided by 2 to the power b, as an unsigned number.", PointwiseOpcode.ShiftRight, null, families: ElementFamilies.Whole)
{
    /// <inheritdoc/>
    public override bool IsDifferentiable => false;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new(Integers(0, 99, 3, 5, 7), Integers(0, 9, 3, 5, 7)), new(Integers(0, 99, 2, 1, 67), Integers(0, 9, 5, 1))];

    /// <inheritdoc/>
    public override void Export(ExportNode node) => node.Result("BitShift", node.Inputs, ("direction", "RIGHT"));

    private protected override double Compute(double a, double b, AttributeSet attributes) => Compute((long)a, (long)b, attributes);

    private protected override long Compute(long a, long b, AttributeSet attributes) => (ulong)b > 63 ? 0 : (long)((ulong)a >> (int)b);
}
