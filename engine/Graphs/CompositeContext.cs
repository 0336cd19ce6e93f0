namespace VkNet.Graphs;

/// <summary>What a <see cref="CompositeOperator"/> sees when it writes itself as other operators.</summary>
/// <param name="Builder">Holds the graph; nodes are added to it.</param>
/// <param name="Attributes">The attributes given.</param>
/// <param name="Inputs">The inputs in the operator's order; null where an optional one is absent.</param>
/// <param name="Name">The name asked for: that of the first result, and the beginning of the names of the nodes in between.</param>
/// <param name="Location">Where it was written.</param>
public sealed record CompositeContext(GraphBuilder Builder, AttributeSet Attributes, IReadOnlyList<Value?> Inputs, string Name, SourceLocation? Location)
{
    /// <summary>Whether input <paramref name="index"/> is given.</summary>
    public bool Has(int index) => index < Inputs.Count && Inputs[index] is not null;

    /// <summary>A given input.</summary>
    public Value Input(int index) => Inputs[index]!;

    /// <summary>Input <paramref name="index"/>, or null where it is absent.</summary>
    public Value? Find(int index) => index < Inputs.Count ? Inputs[index] : null;

    /// <summary>Reads an attribute, or its default.</summary>
    public T Get<T>(AttributeDefinition<T> definition) => Attributes.Get(definition);

    /// <summary>Adds a node and returns its first output.</summary>
    public Value Apply(string operatorName, AttributeSet? attributes, params ReadOnlySpan<Value?> inputs) => ApplyAll(operatorName, attributes, inputs)[0];

    /// <summary>Adds a node and returns all its outputs.</summary>
    public IReadOnlyList<Value> ApplyAll(string operatorName, AttributeSet? attributes, params ReadOnlySpan<Value?> inputs) =>
        Builder.Add(Builder.Registry.Get(operatorName), attributes ?? AttributeSet.Empty, inputs.ToArray(), Builder.Fresh($"{Name}.{operatorName}"), Location);
}
