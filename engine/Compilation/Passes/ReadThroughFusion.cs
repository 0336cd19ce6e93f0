using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Compilation;

/// <summary>
/// Lets kernels compute an input while they read it (<see cref="IReadsThrough"/>). Comes after layouts are known, because kernels can do it in
/// some layouts only.
/// </summary>
internal sealed class ReadThroughFusion : IGraphPass
{
    public string Name => "read-through-fusion";

    public Graph Run(Graph graph, CompilerOptions options)
    {
        if (!graph.Nodes.Any(n => n.Operator is IReadsThrough)) return graph;
        var users = GraphUsers.Of(graph);
        var found = new Dictionary<Node, Reading>();
        foreach (var node in graph.Nodes)
        {
            if (node.Operator is not IReadsThrough reader || node.Epilogue is not null || node.Prologue is not null || reader.ReadThroughInput(node, options.Profile) is not { } input) continue;
            if (node.Inputs[input] is not { Producer: { Outputs.Count: 1 } functions } value) continue;
            Reading? reading = null;
            var reason = users.IsKept(value) ? $"'{value.Name}' is a result of the graph"
                : users.Other(value, node) is { } other ? $"'{value.Name}' is also read by '{other.Name}'"
                : node.Inputs.Count(i => i == value) > 1 ? $"'{value.Name}' is read in two roles"
                : Compose(node, reader, input, functions, out reading);
            if (reading is not null) found[node] = reading;
            else if (reason is not null) options.Refused?.Invoke(new FusionRefusal([functions.Name, node.Name], reason));
        }
        if (found.Count == 0) return graph;
        var absorbed = found.Values.Select(r => r.Functions).ToHashSet();
        var rewriter = new GraphRewriter(graph);
        foreach (var node in graph.Nodes)
        {
            if (found.TryGetValue(node, out var reading)) rewriter.ReadThrough(node, reading.Functions, reading.Attributes, reading.Inputs, reading.Program);
            else if (!absorbed.Contains(node)) rewriter.Keep(node);
        }
        return rewriter.Finish();
    }

    // The node as it reads through; null with the reason why not, or without one where there is nothing to read through.
    private static string? Compose(Node node, IReadsThrough reader, int input, Node functions, out Reading? reading)
    {
        reading = null;
        var (attributes, layout) = (node.Attributes, functions.Outputs[0].Layout);
        Value primary;
        IReadOnlyList<Value> operands;
        PointwiseProgram program;
        if (functions.Operator is IRepeats repeats && repeats.RepeatsOf(functions) is { } factor)
        {
            attributes = reader.WithRepeated(node, factor);
            primary = functions.Inputs[0]!;
            operands = [.. functions.Inputs.Skip(functions.EpilogueStart).Select(v => v!)];
            program = functions.Epilogue ?? PointwiseProgram.Identity;
            var shape = functions.Outputs[0].Shape;
            if (operands.FirstOrDefault(v => v.Shape != shape && v.Shape.ElementCount != 1) is { } broadcast) return $"'{broadcast.Name}' {broadcast.Shape} is not read at the place of the element {shape}";
            if (operands.FirstOrDefault(v => v.DataType != DataType.Float32) is { } other) return $"'{other.Name}' is {other.DataType.Name()}";
        }
        else if (functions.Operator is IPointwise)
        {
            if (PrologueFusion.Compose(functions, out var prologue) is { } problem) return problem;
            (primary, operands, program) = (prologue!.Primary, prologue.Operands, prologue.Program);
        }
        else return null;
        if (operands.Append(primary).FirstOrDefault(v => v.Layout != layout && v.Shape.ElementCount != 1) is { } odd) return $"'{odd.Name}' lies in another layout";
        reading = new Reading(functions, attributes, [.. node.Inputs.Take(node.OperatorInputCount).Select((v, i) => i == input ? primary : v), .. operands], program);
        return null;
    }

    private sealed record Reading(Node Functions, AttributeSet Attributes, IReadOnlyList<Value?> Inputs, PointwiseProgram Program);
}
