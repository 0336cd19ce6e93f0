namespace VkNet.Graphs;

/// <summary>Declares one input of an operator.</summary>
/// <param name="Name">The name used in graph files and diagnostics.</param>
/// <param name="Summary">What it holds, with its shape in letters, e.g. <c>[N, C, H, W]</c>.</param>
public sealed record OperandDefinition(string Name, string Summary)
{
    /// <summary>Whether the input may be left out.</summary>
    public bool Optional { get; init; }

    /// <summary>Whether any number of values may be given here; only the last input may be so.</summary>
    public bool Variadic { get; init; }

    /// <summary>Whether a parameter of this name comes into being with the node when no value is given.</summary>
    public bool IsParameter { get; init; }
}
