using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Pointwise;

/// <summary>a times 2 to the power b; bits beyond the type are lost.</summary>
public sealed class ShiftLeft() : BinaryOperator("shift_left", "a times 2 to the power b; bits beyond the type are lost.", PointwiseOpcode.ShiftLeft, null, families: ElementFamilies.Whole)
{
    /// <inheritdoc/>
    public override IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("BitShift", 11, node => node.Emit(node.Text("direction", "") == "LEFT" ? "shift_left" : "shift_right", node.Input(0), node.Input(1))),
    ];

    /// <inheritdoc/>
    public override bool IsDifferentiable => false;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new(Integers(0, 99, 3, 5, 7), Integers(0, 9, 3, 5, 7)), new(Integers(0, 99, 2, 1, 67), Integers(0, 9, 5, 1))];

    /// <inheritdoc/>
    public override void Export(ExportNode node) => node.Result("BitShift", node.Inputs, ("direction", "LEFT"));

    private protected override double Compute(double a, double b, AttributeSet attributes) => Compute((long)a, (long)b, attributes);

    private protected override long Compute(long a, long b, AttributeSet attributes) => (ulong)b > 63 ? 0 : a << (int)b;
}
