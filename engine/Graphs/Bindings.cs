using VkNet.Tensors;

namespace VkNet.Graphs;

/// <summary>What a model is compiled for: sizes of its symbols, and values of the inputs that decide shapes, axes, trip counts or branches.</summary>
public sealed class Bindings
{
    /// <summary>Largest input (elements) that may be bound by value.</summary>
    public const long LargestValue = 1024;

    /// <summary>Nothing bound.</summary>
    public static Bindings Empty { get; } = new();

    /// <summary>Sizes of symbols.</summary>
    public IReadOnlyDictionary<string, long> Symbols { get; init; } = new Dictionary<string, long>();

    /// <summary>Values of inputs, by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Values { get; init; } = new Dictionary<string, Tensor>();

    /// <summary>Size that a symbol not in <see cref="Symbols"/> takes; null when that is an error.</summary>
    public long? OpenSymbols { get; init; }

    /// <summary>The size of a symbol.</summary>
    /// <exception cref="VkNetException">VKN2008: it is not bound.</exception>
    public long Size(string symbol, InputDeclaration input) =>
        Symbols.TryGetValue(symbol, out var size) ? size : OpenSymbols ?? throw new VkNetException(
            "VKN2008", $"the size '{symbol}' of input '{input}' is not bound", $"bind it: --bind {symbol}=8, or give the input", input.Location);

    /// <summary>
    /// Finds the sizes of all symbols from the shapes of the inputs given, and checks them against the declarations.
    /// </summary>
    /// <exception cref="VkNetException">VKN2009: a shape does not fit its declaration; VKN2010: a symbol takes two sizes.</exception>
    public static Bindings FromShapes(IEnumerable<InputDeclaration> declarations, IReadOnlyDictionary<string, TensorType> inputs, IReadOnlyDictionary<string, long>? given = null, long? openSymbols = null)
    {
        var symbols = new Dictionary<string, long>(given ?? new Dictionary<string, long>(), StringComparer.Ordinal);
        var origin = symbols.Keys.ToDictionary(k => k, _ => "the bindings given", StringComparer.Ordinal);
        foreach (var declaration in declarations)
        {
            if (!inputs.TryGetValue(declaration.Name, out var type)) continue;
            if (type.Shape.Rank != declaration.Dimensions.Count)
                throw new VkNetException("VKN2009", $"input '{declaration}' was given a tensor of shape {type.Shape}: the ranks differ", null, declaration.Location);
            for (var i = 0; i < type.Shape.Rank; i++)
            {
                var (dimension, size) = (declaration.Dimensions[i], type.Shape[i]);
                if (dimension.Size is { } fixedSize && fixedSize != size)
                    throw new VkNetException("VKN2009", $"input '{declaration}' was given a tensor of shape {type.Shape}: axis {i} must be {fixedSize}", null, declaration.Location);
                if (dimension.Symbol is not { } symbol) continue;
                if (symbols.TryGetValue(symbol, out var other) && other != size)
                    throw new VkNetException("VKN2010", $"the size '{symbol}' is {other} by {origin[symbol]}, but {size} by input '{declaration.Name}' of shape {type.Shape}", null, declaration.Location);
                symbols[symbol] = size;
                origin[symbol] = $"input '{declaration.Name}'";
            }
        }
        return new Bindings { Symbols = symbols, OpenSymbols = openSymbols };
    }
}
