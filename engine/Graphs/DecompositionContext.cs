namespace VkNet.Graphs;

/// <summary>What an operator that is written with other operators sees when a node of it is added: its inputs, and a builder to write the answer with.</summary>
/// <param name="Builder">Builds the nodes.</param>
/// <param name="Attributes">The node's attributes, already checked by the shape rule.</param>
/// <param name="Inputs">The inputs in the operator's order; null where an optional one is absent.</param>
/// <param name="Name">The node's name; the first output takes it.</param>
/// <param name="Location">Where the node was written.</param>
public sealed record DecompositionContext(GraphBuilder Builder, AttributeSet Attributes, IReadOnlyList<Value?> Inputs, string Name, SourceLocation? Location)
{
    /// <summary>A given input.</summary>
    public Value Input(int index) => Inputs[index]!;

    /// <summary>Whether input <paramref name="index"/> is given.</summary>
    public bool Has(int index) => index < Inputs.Count && Inputs[index] is not null;

    /// <summary>Reads an attribute, or its default.</summary>
    public T Get<T>(AttributeDefinition<T> definition) => Attributes.Get(definition);

    /// <summary>Input <paramref name="index"/>, or null where it is absent.</summary>
    public Value? Find(int index) => index < Inputs.Count ? Inputs[index] : null;

    /// <summary>Adds a node and returns all its outputs; it is named after the node that is taken apart.</summary>
    public IReadOnlyList<Value> ApplyAll(string operatorName, AttributeSet attributes, params ReadOnlySpan<Value?> inputs) =>
        Builder.Add(Builder.Registry.Get(operatorName), attributes, inputs.ToArray(), Builder.Fresh(Name), Location);

    /// <summary>Adds a node of one output, named after the node that is taken apart.</summary>
    public Value Apply(string operatorName, AttributeSet attributes, params ReadOnlySpan<Value?> inputs) =>
        Builder.Add(Builder.Registry.Get(operatorName), attributes, inputs.ToArray(), Builder.Fresh(Name), Location)[0];

    /// <summary>Adds a node of one output without attributes.</summary>
    public Value Apply(string operatorName, params ReadOnlySpan<Value?> inputs) => Apply(operatorName, AttributeSet.Empty, inputs);
}
