using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Whether a = b, as bool.</summary>
public sealed class Equal() : ComparisonOperator("equal", "Whether a = b, as bool.", PointwiseOpcode.Equal, "Equal", families: ElementFamilies.Any)
{
    private protected override bool Holds(double a, double b) => a == b;

    private protected override bool Holds(long a, long b) => a == b;
}
