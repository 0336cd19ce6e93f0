using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Whether at least one is true.</summary>
public sealed class Or() : ComparisonOperator("or", "Whether at least one is true.", PointwiseOpcode.LogicalOr, "Or", families: ElementFamilies.Truth)
{
    private protected override bool Holds(double a, double b) => Holds((long)a, (long)b);

    private protected override bool Holds(long a, long b) => a != 0 || b != 0;
}
