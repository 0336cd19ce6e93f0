using VkNet.Graphs;

namespace VkNet.Runner.Reports;

/// <summary>
/// How many places of the graph's inputs, along each spatial axis, one place of a node's result depends on (Araujo et al., "Computing Receptive
/// Fields of Convolutional Neural Networks", 2019): windows widen it by (size - 1) times the product of the strides before them.
/// </summary>
internal sealed class ReceptiveFields
{
    private readonly Dictionary<Value, (long Size, long Step)[]> _fields = [];

    internal ReceptiveFields(Graph graph)
    {
        foreach (var input in graph.Inputs.Where(i => i.Shape.Rank > 2)) _fields[input] = [.. Enumerable.Repeat((1L, 1L), input.Shape.Rank - 2)];
        foreach (var node in graph.Nodes)
            if (Of(node) is { } field) _fields[node.Outputs[0]] = field;
    }

    /// <summary>The sizes along the spatial axes; null where a place depends on all of an input, or there are no spatial axes.</summary>
    internal IReadOnlyList<long>? Of(Value value) => _fields.TryGetValue(value, out var field) ? [.. field.Select(f => f.Size)] : null;

    /// <summary>As text: <c>35x35</c>, or <c>-</c>.</summary>
    internal string Describe(Value value) => Of(value) is { } sizes ? string.Join("x", sizes) : "-";

    // Inputs that come by several ways count with the widest; what comes from no input (weights, constants) does not count.
    private (long Size, long Step)[]? Of(Node node)
    {
        var rank = node.Outputs[0].Shape.Rank;
        if (rank < 3 || node.Operator.Window(node) is not { } window) return null;
        (long Size, long Step)[]? field = null;
        foreach (var input in node.Inputs)
        {
            if (input is null || input.Shape.Rank != rank || input.Kind is ValueKind.Constant or ValueKind.Parameter) continue;
            if (!_fields.TryGetValue(input, out var own)) return null;
            field = field is null ? own : [.. field.Zip(own, (a, b) => (Math.Max(a.Size, b.Size), Math.Max(a.Step, b.Step)))];
        }
        return field is null ? null : [.. field.Zip(window, (f, w) => (f.Size + ((w.Size - 1) * f.Step), f.Step * w.Stride))];
    }
}
