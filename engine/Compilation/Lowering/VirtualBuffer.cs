using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Compilation;

/// <summary>A piece of device memory before it has a place. Values that are views of one another share one.</summary>
public sealed class VirtualBuffer
{
    internal VirtualBuffer(int id, string name, BufferKind kind, long bytes)
    {
        Id = id;
        Name = name;
        Kind = kind;
        Bytes = bytes;
    }

    /// <summary>Number within the plan.</summary>
    public int Id { get; }

    /// <summary>Name of the value or workspace it was made for.</summary>
    public string Name { get; }

    /// <summary>Which memory it lives in.</summary>
    public BufferKind Kind { get; internal set; }

    /// <summary>Size in bytes, a multiple of 16.</summary>
    public long Bytes { get; }

    /// <summary>For constants given by the graph and for initial states: the values; null when a set-up call computes them.</summary>
    public Tensor? Data { get; internal init; }

    /// <summary>For parameters: the value whose weights are to be loaded.</summary>
    public Value? Parameter { get; internal init; }

    /// <summary>The tensors in it, in order, where several that are treated alike share it; empty where it holds one, with views of it.</summary>
    public IReadOnlyList<BufferPart> Parts { get; internal init; } = [];

    /// <summary>A buffer whose memory this one may take over, because the call that fills this one reads that one last, element by element.</summary>
    internal VirtualBuffer? MayReplace { get; set; }

    /// <summary>The initial values of the carried tensor at an offset, or the parameter to load it from; neither where it begins with zeros.</summary>
    internal (Tensor? Data, Value? Parameter) InitialAt(long offset)
    {
        if (Parts.Count == 0) return (Data, Parameter);
        var part = Parts.First(p => p.Offset == offset);
        return (part.Data, part.Parameter);
    }

    /// <summary>Places neighbours in a plan side by side in hash tables.</summary>
    public override int GetHashCode() => Id;

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Kind}, {Bytes} bytes)";
}
