namespace VkNet.Graphs;

/// <summary>How a parameter is initialised and trained.</summary>
public sealed record ParameterOptions
{
    /// <summary>The initialiser's name: zeros, ones, constant, normal, uniform, xavier, he, orthogonal.</summary>
    public string Initializer { get; init; } = "zeros";

    /// <summary>The initialiser's number: the constant, the standard deviation or the half width; ignored where the fan decides.</summary>
    public double InitializerScale { get; init; } = 1;

    /// <summary>Factor on the learning rate.</summary>
    public double LearningRateScale { get; init; } = 1;

    /// <summary>Factor on the weight decay.</summary>
    public double DecayScale { get; init; } = 1;

    /// <summary>Whether training leaves it as it is.</summary>
    public bool Frozen { get; init; }
}
