using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Whether a &gt;= b, as bool.</summary>
public sealed class GreaterEqual() : ComparisonOperator("greater_equal", "Whether a >= b, as bool.", PointwiseOpcode.GreaterOrEqual, "GreaterOrEqual", since: 12, families: ElementFamilies.Number)
{
    private protected override bool Holds(double a, double b) => a >= b;

    private protected override bool Holds(long a, long b) => a >= b;
}
