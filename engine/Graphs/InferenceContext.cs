using System.Diagnostics.CodeAnalysis;
using VkNet.Tensors;

namespace VkNet.Graphs;

/// <summary>What an operator's shape rule sees: attributes, input types, and the values of inputs that are constant.</summary>
public sealed class InferenceContext
{
    private readonly IReadOnlyList<Value?> _inputs;

    internal InferenceContext(Operator @operator, AttributeSet attributes, IReadOnlyList<Value?> inputs, string nodeName, SourceLocation? location)
    {
        Operator = @operator;
        Attributes = attributes;
        _inputs = inputs;
        NodeName = nodeName;
        Location = location;
    }

    /// <summary>The operator.</summary>
    public Operator Operator { get; }

    /// <summary>The node's attributes.</summary>
    public AttributeSet Attributes { get; }

    /// <summary>The node's name, for messages.</summary>
    public string NodeName { get; }

    /// <summary>Where the node was written.</summary>
    public SourceLocation? Location { get; }

    /// <summary>Number of inputs given, absent optional ones in between included.</summary>
    public int InputCount => _inputs.Count;

    /// <summary>Reads an attribute, or its default.</summary>
    public T Get<T>(AttributeDefinition<T> definition) => Attributes.Get(definition);

    /// <summary>Whether input <paramref name="index"/> is given.</summary>
    public bool Has(int index) => index < _inputs.Count && _inputs[index] is not null;

    /// <summary>Type of a given input.</summary>
    public TensorType Input(int index) => _inputs[index]!.Type;

    /// <summary>Shape of a given input.</summary>
    public Shape ShapeOf(int index) => _inputs[index]!.Shape;

    /// <summary>Refuses the node with a VKN2 diagnostic that names it.</summary>
    /// <param name="code">VKN2xxx.</param>
    /// <param name="message">What does not fit, with both shapes; the node's name is put in front.</param>
    /// <param name="help">The rule, or what to change.</param>
    [DoesNotReturn]
    public void Fail(string code, string message, string? help = null) =>
        throw new VkNetException(code, $"{Operator.Name} '{NodeName}': {message}", help, Location);

    /// <summary>Refuses the node unless input <paramref name="index"/> has the given rank.</summary>
    public Shape RequireRank(int index, int rank)
    {
        var shape = ShapeOf(index);
        if (shape.Rank != rank)
            Fail("VKN2101", $"input '{Operator.InputName(index)}' has shape {shape} of rank {shape.Rank}, but rank {rank} is needed", $"{Operator.InputName(index)}: {Operator.InputSummary(index)}");
        return shape;
    }

    /// <summary>Refuses the node unless input <paramref name="index"/> is of a real type.</summary>
    public TensorType RequireFloat(int index)
    {
        var type = Input(index);
        if (!type.DataType.IsFloat())
            Fail("VKN2102", $"input '{Operator.InputName(index)}' is {type}, but a real type (f32) is needed", "insert a cast");
        return type;
    }

    /// <summary>Resolves an axis that may count from the end.</summary>
    public int Axis(long axis, int rank)
    {
        if (axis < -rank || axis >= rank)
            Fail("VKN2103", $"axis {axis} is outside a tensor of rank {rank}", $"valid axes are {-rank} to {rank - 1}");
        return (int)(axis < 0 ? axis + rank : axis);
    }
}
