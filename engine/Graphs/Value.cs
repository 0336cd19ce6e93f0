using VkNet.Tensors;

namespace VkNet.Graphs;

/// <summary>One tensor in a graph: assigned once, by a node or from outside.</summary>
public sealed class Value
{
    private static int _made;

    internal Value(string name, TensorType type, ValueKind kind)
    {
        Name = name;
        Type = type;
        Kind = kind;
    }

    /// <summary>Number in order of creation, over all graphs: what <see cref="NumberTable{T}"/> goes by.</summary>
    internal int Number { get; } = Interlocked.Increment(ref _made);

    /// <summary>The name shown to users; unique within a graph.</summary>
    public string Name { get; internal set; }

    /// <summary>Element type and logical shape.</summary>
    public TensorType Type { get; }

    /// <summary>Where it comes from.</summary>
    public ValueKind Kind { get; }

    /// <summary>The node that computes it; null unless <see cref="Kind"/> is <see cref="ValueKind.Result"/>.</summary>
    public Node? Producer { get; internal set; }

    /// <summary>Which output of <see cref="Producer"/> it is.</summary>
    public int OutputIndex { get; internal set; }

    /// <summary>The values, when <see cref="Kind"/> is <see cref="ValueKind.Constant"/>, or the initial values of a state.</summary>
    public Tensor? Data { get; internal init; }

    /// <summary>How a parameter is initialised and trained; null for other kinds.</summary>
    public ParameterOptions? Parameter { get; internal init; }

    /// <summary>Where its size depends on data; null for most. Only known while a graph is built; finished graphs name it for their outputs.</summary>
    public ValueExtent? Extent { get; internal set; }

    /// <summary>How it lies in device memory.</summary>
    public Layout Layout { get; internal set; }

    /// <summary>Sizes of the axes.</summary>
    public Shape Shape => Type.Shape;

    /// <summary>Element type.</summary>
    public DataType DataType => Type.DataType;

    /// <summary>The constant's values, or null when they are not known while building.</summary>
    public Tensor? Constant => Kind == ValueKind.Constant ? Data : null;

    /// <summary>Also places neighbours in a graph side by side in hash tables.</summary>
    public override int GetHashCode() => Number;

    /// <inheritdoc/>
    public override string ToString() => $"%{Name}: {Type}{(Layout == Layout.ChannelsLast ? " channels-last" : "")}";
}
