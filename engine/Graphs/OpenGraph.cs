using VkNet.Tensors;

namespace VkNet.Graphs;

/// <summary>
/// A graph that is about to be written down: built for concrete sizes, together with those of its model's symbols that may stay open
/// because nothing in it but the sizes of tensors depends on them. Whether that is so is found by building the graph for other sizes and
/// comparing: attributes, constants and the nodes themselves must be the same.
/// </summary>
/// <param name="Graph">The graph.</param>
/// <param name="Inputs">Its inputs, with the symbols that stay open.</param>
/// <param name="Outputs">Sizes of its outputs' axes, in order; null for an axis that depends on an open symbol.</param>
public sealed record OpenGraph(Graph Graph, IReadOnlyList<InputDeclaration> Inputs, IReadOnlyList<IReadOnlyList<long?>> Outputs)
{
    // Axes of size 1 broadcast and are squeezed away, so they tell nothing about others.
    private const long First = 2, Second = 3;

    /// <summary>The symbols that stay open.</summary>
    public IEnumerable<string> Symbols => Inputs.SelectMany(i => i.Dimensions).Select(d => d.Symbol).OfType<string>().Distinct();

    /// <summary>Builds a model with as many of its symbols open as can be; the others take 1.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputs">Inputs whose values or sizes the graph is to hold for.</param>
    /// <param name="symbols">Sizes that the caller fixes.</param>
    /// <exception cref="VkNetException">The model does not fit together; VKN2011: the value of an input that is not given decides a shape.</exception>
    public static OpenGraph Build(ModelDefinition model, IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyDictionary<string, long> symbols)
    {
        var given = Bindings.FromShapes(model.Inputs, inputs.ToDictionary(i => i.Key, i => i.Value.Type), symbols).Symbols;
        var free = model.Symbols.Where(s => !given.ContainsKey(s)).ToList();
        var open = free.Where(symbol => Agree(BuildFor(free, First), BuildFor(free, First, symbol))).ToList();
        if (open.Count > 0 && BuildFor(open, First) is { } graph && BuildFor(open, Second) is { } other && Agree(graph, other))
            return new OpenGraph(graph, Declare(model, graph, open), [.. graph.Outputs.Zip(other.Outputs, (a, b) => Sizes(a.Value.Shape, b.Value.Shape))]);
        graph = model.BuildFor(inputs, given, openSymbols: 1);
        return new OpenGraph(graph, Declare(model, graph, []), [.. graph.Outputs.Select(o => Sizes(o.Value.Shape, o.Value.Shape))]);

        // Null where the model holds for no such sizes.
        Graph? BuildFor(IReadOnlyList<string> chosen, long size, string? changed = null)
        {
            var sizes = given.Concat(chosen.Select(s => KeyValuePair.Create(s, s == changed ? Second : size))).ToDictionary(StringComparer.Ordinal);
            try
            {
                return model.BuildFor(inputs, sizes, openSymbols: 1);
            }
            catch (VkNetException)
            {
                return null;
            }
        }
    }

    private static IReadOnlyList<InputDeclaration> Declare(ModelDefinition model, Graph graph, IReadOnlyList<string> open) =>
        [.. graph.Inputs.Select(value => model.Inputs.First(i => i.Name == value.Name) is var declared
            ? declared with { Dimensions = [.. declared.Dimensions.Select((d, axis) => d.Symbol is { } symbol && open.Contains(symbol) ? d : new Dimension(value.Shape[axis], null))] }
            : declared)];

    private static IReadOnlyList<long?> Sizes(Shape a, Shape b) => [.. a.Zip(b, (x, y) => x == y ? x : (long?)null)];

    private static bool Agree(Graph? a, Graph? b) =>
        a is not null && b is not null && a.Nodes.Count == b.Nodes.Count && a.States.Count == b.States.Count
        && a.Nodes.Zip(b.Nodes).All(p => p.First.Operator == p.Second.Operator && p.First.Attributes.ToString() == p.Second.Attributes.ToString() && Agree(p.First.Inputs, p.Second.Inputs) && p.First.Outputs.Count == p.Second.Outputs.Count)
        && Agree([.. a.Outputs.Select(o => o.Value)], [.. b.Outputs.Select(o => o.Value)])
        && Agree([.. a.States.SelectMany(s => new[] { s.Input, s.Output })], [.. b.States.SelectMany(s => new[] { s.Input, s.Output })]);

    private static bool Agree(IReadOnlyList<Value?> a, IReadOnlyList<Value?> b) =>
        a.Count == b.Count && a.Zip(b).All(p => p.First is null ? p.Second is null : p.Second is not null && Agree(p.First, p.Second));

    private static bool Agree(Value a, Value b)
    {
        if (a.Kind != b.Kind || a.DataType != b.DataType || a.Shape.Rank != b.Shape.Rank) return false;
        if (a.Kind == ValueKind.Result) return a.Name == b.Name;
        if (a.Data is null) return a.Name == b.Name && (a.Kind == ValueKind.Input || a.Type == b.Type);
        return a.Type == b.Type && (ReferenceEquals(a.Data, b.Data) || a.Data.Bytes().SequenceEqual(b.Data!.Bytes()));
    }
}
