using VkNet.Graphs;

namespace VkNet.Operators.Pointwise;

/// <summary>The input itself.</summary>
public sealed class Identity() : IdentityOperator("identity", "The input itself.", "Identity")
{
    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => g;
}
