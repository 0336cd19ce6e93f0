using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Whether exactly one is true.</summary>
public sealed class Xor() : ComparisonOperator("xor", "Whether exactly one is true.", PointwiseOpcode.LogicalXor, "Xor", families: ElementFamilies.Truth)
{
    private protected override bool Holds(double a, double b) => Holds((long)a, (long)b);

    private protected override bool Holds(long a, long b) => (a != 0) != (b != 0);
}
