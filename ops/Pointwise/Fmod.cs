using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>The remainder of a / b with the sign of a, as C's fmod and % have it.</summary>
public sealed class Fmod() : BinaryOperator("fmod", "The remainder of a / b with the sign of a, as C's fmod and % have it.", PointwiseOpcode.Remainder, null)
{
    /// <inheritdoc/>
    public override void Export(ExportNode node) => node.Result("Mod", node.Inputs, ("fmod", true));

    private protected override double Compute(double a, double b, AttributeSet attributes) => a % b;

    private protected override long Compute(long a, long b, AttributeSet attributes) => b is 0 or -1 ? 0 : a % b;

    private protected override Value? GradientOfFirst(Formula g, Formula a, Formula b, Formula y, AttributeSet attributes) => g;

    private protected override Value? GradientOfSecond(Formula g, Formula a, Formula b, Formula y, AttributeSet attributes) => -(g * (a / b).Apply("trunc"));
}
