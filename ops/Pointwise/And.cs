using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Whether both are true.</summary>
public sealed class And() : ComparisonOperator("and", "Whether both are true.", PointwiseOpcode.LogicalAnd, "And", families: ElementFamilies.Truth)
{
    private protected override bool Holds(double a, double b) => Holds((long)a, (long)b);

    private protected override bool Holds(long a, long b) => a != 0 && b != 0;
}
