using VkNet.Graphs;

namespace VkNet.Onnx.Import;

/// <summary>The values that names stand for while one body is imported; names that it does not assign belong to the enclosing body.</summary>
internal sealed class Scope(Body body, Scope? parent, GraphBuilder builder, SourceLocation location)
{
    private readonly Dictionary<string, Value> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _omitted = new(StringComparer.Ordinal);

    /// <summary>The value of a name; an initializer becomes a constant when it is first used. Null when nothing assigns the name.</summary>
    public Value? Find(string name)
    {
        if (_values.TryGetValue(name, out var value)) return value;
        if (!body.Initializers.TryGetValue(name, out var initializer)) return parent?.Find(name);
        return _values[name] = builder.Constant(initializer.Load(), builder.Find(name) is null ? name : builder.Fresh(name), location);
    }

    /// <summary>Whether the name is an input that the caller of a function left out: for the nodes that use it, it is absent.</summary>
    public bool IsOmitted(string name) => _omitted.Contains(name) || (parent is not null && !_values.ContainsKey(name) && parent.IsOmitted(name));

    /// <summary>Declares an input as left out.</summary>
    public void Omit(string name) => _omitted.Add(name);

    /// <summary>Assigns a name.</summary>
    public void Assign(string name, Value value) => _values[name] = value;
}
