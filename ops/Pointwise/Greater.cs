using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Whether a &gt; b, as bool.</summary>
public sealed class Greater() : ComparisonOperator("greater", "Whether a > b, as bool.", PointwiseOpcode.Greater, "Greater", families: ElementFamilies.Number)
{
    private protected override bool Holds(double a, double b) => a > b;

    private protected override bool Holds(long a, long b) => a > b;
}
