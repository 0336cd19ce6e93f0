namespace VkNet.Operators.Normalization;

/// <summary>Where the scale of an element is found: (group / Divisor % Modulus) * Factor + element / Run, the element counted within its group.</summary>
/// <param name="Divisor">Groups in a row that share a scale.</param>
/// <param name="Modulus">Number of groups after which scales repeat.</param>
/// <param name="Factor">Scales of a group.</param>
/// <param name="Run">Elements in a row that share a scale.</param>
internal sealed record ScalePlacement(long Divisor, long Modulus, long Factor, long Run)
{
    /// <summary>One scale per element of a group, the same for all groups.</summary>
    public static ScalePlacement PerElement { get; } = new(1, 1, 0, 1);

    /// <summary>Number of the scale.</summary>
    public long Index(long group, long element) => group / Divisor % Modulus * Factor + element / Run;
}
