namespace VkNet.Operators.Pointwise;

/// <summary>The input itself, through which no gradient passes.</summary>
public sealed class StopGradient() : IdentityOperator("stop_gradient", "The input itself, through which no gradient passes.", null);
