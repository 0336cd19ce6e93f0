using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Whether a &lt; b, as bool.</summary>
public sealed class Less() : ComparisonOperator("less", "Whether a < b, as bool.", PointwiseOpcode.Less, "Less", families: ElementFamilies.Number)
{
    private protected override bool Holds(double a, double b) => a < b;

    private protected override bool Holds(long a, long b) => a < b;
}
