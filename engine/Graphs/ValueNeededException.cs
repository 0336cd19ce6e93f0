namespace VkNet.Graphs;

/// <summary>
/// Thrown while a graph is built when the value of an input decides a shape, an axis, a trip count or a branch and the bindings do not
/// give it. Whoever has the input's value adds it to <see cref="Bindings.Values"/> and builds again.
/// </summary>
public sealed class ValueNeededException : VkNetException
{
    internal ValueNeededException(IReadOnlyList<string> inputs, string purpose, SourceLocation? location)
        : base("VKN2011", $"{purpose} depends on the value of the input {string.Join(", ", inputs.Select(i => $"'{i}'"))}, which is not bound", "give the input when compiling: its value becomes part of the plan", location)
        => Inputs = inputs;

    /// <summary>Names of the inputs whose values are needed.</summary>
    public IReadOnlyList<string> Inputs { get; }
}
