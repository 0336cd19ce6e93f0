namespace VkNet.Graphs;

/// <summary>One application of an operator in a graph.</summary>
public sealed class Node
{
    private static int _made;

    internal Node(Operator @operator, AttributeSet attributes, IReadOnlyList<Value?> inputs, IReadOnlyList<Value> outputs, string name, SourceLocation? location)
    {
        Operator = @operator;
        Attributes = attributes;
        Inputs = inputs;
        Outputs = outputs;
        Name = name;
        Location = location;
        for (var i = 0; i < outputs.Count; i++)
        {
            outputs[i].Producer = this;
            outputs[i].OutputIndex = i;
        }
    }

    /// <summary>Number in order of creation, over all graphs: what <see cref="NumberTable{T}"/> goes by.</summary>
    internal int Number { get; } = Interlocked.Increment(ref _made);

    /// <summary>What is computed.</summary>
    public Operator Operator { get; }

    /// <summary>The attribute values given.</summary>
    public AttributeSet Attributes { get; }

    /// <summary>
    /// The inputs in the operator's order; null where an optional one is absent. With an <see cref="Epilogue"/> or <see cref="Prologue"/>, its operands
    /// follow from index <see cref="EpilogueStart"/> on.
    /// </summary>
    public IReadOnlyList<Value?> Inputs { get; }

    /// <summary>The outputs in the operator's order.</summary>
    public IReadOnlyList<Value> Outputs { get; }

    /// <summary>The name shown to users.</summary>
    public string Name { get; }

    /// <summary>Where the node was written; null for nodes made in code.</summary>
    public SourceLocation? Location { get; }

    /// <summary>The pointwise program applied to output 0 before it is stored; set by the fusion pass only.</summary>
    public PointwiseProgram? Epilogue { get; internal init; }

    /// <summary>
    /// The pointwise program applied to every element of input 0 (or of the input that <see cref="Compilation.IReadsThrough"/> names) as it is
    /// read; its operands are read at the element's place. Set by the fusion of prologues only, on nodes without an epilogue.
    /// </summary>
    public PointwiseProgram? Prologue { get; internal init; }

    /// <summary>Index of the first tensor operand of the epilogue or prologue in <see cref="Inputs"/>; the number of inputs without one.</summary>
    public int EpilogueStart { get; internal init; } = int.MaxValue;

    /// <summary>Names of the original nodes merged into this one by fusion, this one's included.</summary>
    public IReadOnlyList<string> FusedNames { get; internal init; } = [];

    /// <summary>Whether <see cref="GraphVerifier"/> found its types right. A node does not change, so looking once is enough, however many passes keep it.</summary>
    internal bool HasVerifiedTypes { get; set; }

    /// <summary>The operator's own inputs, without the operands of its epilogue or prologue.</summary>
    public int OperatorInputCount => Math.Min(EpilogueStart, Inputs.Count);

    /// <summary>Reads an attribute, or its default.</summary>
    public T Get<T>(AttributeDefinition<T> definition) => Attributes.Get(definition);

    /// <summary>Also places neighbours in a graph side by side in hash tables.</summary>
    public override int GetHashCode() => Number;

    /// <inheritdoc/>
    public override string ToString() =>
        $"{string.Join(", ", Outputs)} = {Operator.Name}({string.Join(", ", Inputs.Select(i => i is null ? "-" : "%" + i.Name))}) {{{Attributes}}}{(Prologue is null ? "" : $" of [{Prologue}]")}{(Epilogue is null ? "" : $" then [{Epilogue}]")}";
}
