using VkNet.Tensors;

namespace VkNet.Graphs;

/// <summary>An input of a model before its symbols are bound.</summary>
/// <param name="Name">The input's name.</param>
/// <param name="DataType">Element type.</param>
/// <param name="Dimensions">Axes; symbols are bound when compiling.</param>
public sealed record InputDeclaration(string Name, DataType DataType, IReadOnlyList<Dimension> Dimensions)
{
    /// <summary>Where it was declared.</summary>
    public SourceLocation? Location { get; init; }

    /// <summary>The concrete type under bindings.</summary>
    /// <exception cref="VkNetException">VKN2008: a symbol is not bound; VKN2002: the sizes overflow.</exception>
    public TensorType Bind(Bindings bindings)
    {
        long[] sizes = [.. Dimensions.Select(d => d.Size ?? bindings.Size(d.Symbol!, this))];
        try
        {
            return new TensorType(DataType, new Shape(sizes));
        }
        catch (VkNetException e) when (e.Diagnostic.Location is null && Location is not null)
        {
            throw new VkNetException(e.Diagnostic with { Location = Location }, e.Kind, e);
        }
    }

    /// <summary>Formats as <c>image: f32[N, 3, 224, 224]</c>.</summary>
    public override string ToString() => $"{Name}: {DataType.Name()}[{string.Join(", ", Dimensions)}]";
}
