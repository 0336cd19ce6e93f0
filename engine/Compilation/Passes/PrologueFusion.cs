using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Compilation;

/// <summary>
/// Lets reductions and their kin compute, while they read, the pointwise functions that only they want: what <see cref="Fusion"/> has made one
/// pointwise node becomes the program that is applied to every element of input 0.
/// </summary>
internal sealed class PrologueFusion : IGraphPass
{
    public string Name => "prologue-fusion";

    public Graph Run(Graph graph, CompilerOptions options)
    {
        var users = GraphUsers.Of(graph);
        var kept = graph.Outputs.Select(o => o.Value).Concat(graph.States.Select(s => s.Output)).ToHashSet();
        var prologues = new Dictionary<Node, Prologue>();
        foreach (var node in graph.Nodes)
        {
            if (node.Operator is not ILowering lowering || node.Epilogue is not null || !lowering.AcceptsPrologue(node)) continue;
            if (node.Inputs[0]?.Producer is not { Operator: IPointwise, Outputs: [var value] } functions) continue;
            var reason = kept.Contains(value) ? $"'{value.Name}' is a result of the graph"
                : users[value].Find(u => u != node) is { } other ? $"'{value.Name}' is also read by '{other.Name}'"
                : Compose(functions, out var prologue) is { } problem ? problem
                : Take(prologue!);
            if (reason is not null) options.Refused?.Invoke(new FusionRefusal([functions.Name, node.Name], reason));

            string? Take(Prologue found)
            {
                prologues[node] = found;
                return null;
            }
        }
        if (prologues.Count == 0) return graph;
        var absorbed = prologues.Values.Select(p => p.Functions).ToHashSet();
        var rewriter = new GraphRewriter(graph);
        foreach (var node in graph.Nodes)
        {
            if (prologues.TryGetValue(node, out var prologue)) rewriter.Prepend(node, prologue.Functions, prologue.Program, [prologue.Primary, .. prologue.Operands]);
            else if (!absorbed.Contains(node)) rewriter.Keep(node);
        }
        return rewriter.Finish();
    }

    /// <summary>A pointwise node with its epilogue as one program over elements at one place; or why that cannot be.</summary>
    internal static string? Compose(Node functions, out Prologue? prologue)
    {
        prologue = null;
        if (((IPointwise)functions.Operator).ToStep(functions) is not { } first) return $"{functions.Operator.Name} with these attributes is no single step";
        var shape = functions.Outputs[0].Shape;
        var own = functions.Inputs.Take(functions.OperatorInputCount).ToList();
        if (own.Find(v => v is not null && v.Shape == shape) is not { } primary) return $"no input of '{functions.Name}' has the shape {shape} of its result";
        var operands = new List<Value>();
        foreach (var input in functions.Inputs)
            if (input is not null && input != primary && !operands.Contains(input)) operands.Add(input);
        if (functions.Inputs.Append(functions.Outputs[0]).FirstOrDefault(v => v is not null && v.DataType != DataType.Float32) is { } other) return $"'{other.Name}' is {other.DataType.Name()}";
        if (operands.Find(v => v.Shape != shape && v.Shape.ElementCount != 1) is { } broadcast) return $"'{broadcast.Name}' {broadcast.Shape} is not read at the place of the element {shape}";
        var steps = new List<PointwiseStep> { first with { A = OfInput(first.A), B = OfInput(first.B), C = OfInput(first.C) } };
        foreach (var step in functions.Epilogue?.Steps ?? []) steps.Add(step with { A = OfProgram(step.A), B = OfProgram(step.B), C = OfProgram(step.C) });
        if (steps.Count > PointwiseProgram.MaximumSteps) return $"a prologue has at most {PointwiseProgram.MaximumSteps} steps";
        if (operands.Count > PointwiseProgram.MaximumOperands) return $"a prologue reads at most {PointwiseProgram.MaximumOperands} tensors beside its own";
        if (steps.Exists(s => !EpilogueSteps.IsCommon(s.Opcode))) return $"only the pointwise kernel knows the functions of '{functions.Name}'";
        prologue = new Prologue(functions, primary, operands, new PointwiseProgram(steps, operands.Count));
        return null;

        int OfValue(Value? value) => value is null || value == primary ? 0 : 1 + operands.IndexOf(value);
        int OfInput(int register) => register < own.Count ? OfValue(own[register]) : 0;
        int OfProgram(int register) => register == 0 ? PointwiseProgram.FirstResult
            : register >= PointwiseProgram.FirstResult ? register + 1
            : OfValue(functions.Inputs[functions.EpilogueStart + register - 1]);
    }

    /// <summary>A pointwise node as a program over one of its inputs.</summary>
    internal sealed record Prologue(Node Functions, Value Primary, IReadOnlyList<Value> Operands, PointwiseProgram Program);
}
