namespace VkNet.Graphs;

/// <summary>
/// One application of an operator to small tensors: what <c>vknet check</c> runs on a device and compares with the host evaluator.
/// Sizes are odd on purpose, so that the ends of tiles and vectors are met.
/// </summary>
public sealed record OperatorSample
{
    /// <summary>Makes a sample without attributes; null stands for an optional input that is left out.</summary>
    public OperatorSample(params ReadOnlySpan<SampleInput?> inputs) => Inputs = inputs.ToArray();

    /// <summary>The inputs in the operator's order.</summary>
    public IReadOnlyList<SampleInput?> Inputs { get; internal init; }

    /// <summary>The attributes.</summary>
    public AttributeSet Attributes { get; private init; } = AttributeSet.Empty;

    /// <summary>Allowed error relative to the host's element.</summary>
    public double Relative { get; init; } = 1e-4;

    /// <summary>Allowed error relative to the largest magnitude in the host's tensor, in addition.</summary>
    public double Absolute { get; init; } = 1e-5;

    /// <summary>A copy with one attribute set.</summary>
    public OperatorSample With<T>(AttributeDefinition<T> definition, T value) => this with { Attributes = Attributes.With(definition, value) };

    /// <summary>The types of the inputs and the attributes.</summary>
    public override string ToString()
    {
        var inputs = string.Join(", ", Inputs.Select(i => i?.ToString() ?? "-"));
        var attributes = Attributes.ToString();
        return attributes.Length == 0 ? $"({inputs})" : inputs.Length == 0 ? $"({attributes})" : $"({inputs}; {attributes})";
    }
}
