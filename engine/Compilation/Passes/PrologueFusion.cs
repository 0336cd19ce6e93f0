using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Compilation;

/// <summary>
/// Lets reductions, normalisations and softmax compute, while they read, the pointwise functions that only they want: what <see cref="Fusion"/> has made one
/// pointwise node becomes the program that is applied to every element of input 0.
/// </summary>
internal sealed class PrologueFusion : IGraphPass
{
    // What moving a byte and what a call cost, in operations done meanwhile: about the ratio on common devices, where vectors are computed with.
    private const double OperationsPerByte = 4;
    private const double CallOperations = 500_000;

    public string Name => "prologue-fusion";

    public Graph Run(Graph graph, CompilerOptions options)
    {
        GraphUsers? users = null;
        var (prologues, absorbed, found) = (new NumberTable<Prologue>(), new NumberTable<bool>(), false);
        foreach (var node in graph.Nodes)
        {
            if (node.Operator is not ILowering lowering || !lowering.AcceptsPrologue(node)) continue;
            if (node.Inputs[0]?.Producer is not { Operator: IPointwise, Outputs: [var value] } functions) continue;
            users ??= GraphUsers.Of(graph);
            var reason = users.IsKept(value) ? $"'{value.Name}' is a result of the graph"
                : users.Other(value, node) is { } other ? $"'{value.Name}' is also read by '{other.Name}'"
                : node.Epilogue is not null ? $"the kernel of '{node.Name}' runs one program, and '{node.FusedNames[^1]}' is fused into it already"
                : Compose(functions, out var prologue) is { } problem ? problem
                : WhyDear(prologue!, lowering.PrologueReads(node)) is { } dear ? dear
                : Take(prologue!);
            if (reason is not null) options.Refused?.Invoke(new FusionRefusal([functions.Name, node.Name], reason));

            string? Take(Prologue taken)
            {
                prologues[node.Number] = taken;
                absorbed[taken.Functions.Number] = found = true;
                return null;
            }
        }
        if (!found) return graph;
        var rewriter = new GraphRewriter(graph);
        foreach (var node in graph.Nodes)
        {
            if (prologues.TryGet(node.Number, out var prologue)) rewriter.Prepend(node, prologue.Functions, prologue.Program, [prologue.Primary, .. prologue.Operands]);
            else if (!absorbed[node.Number]) rewriter.Keep(node);
        }
        return rewriter.Finish();
    }

    // A kernel that reads its input several times computes the functions as often; apart they are stored and read again, by one more call.
    private static string? WhyDear(Prologue prologue, int reads)
    {
        var value = prologue.Functions.Outputs[0];
        var added = (reads - 1.0) * value.Shape.ElementCount * prologue.Program.Steps.Sum(s => EpilogueSteps.Cost(s.Opcode));
        var saved = CallOperations + (OperationsPerByte * 2 * DeviceTensor.ElementBytes * value.Shape.ElementCount);
        return added > saved ? $"its functions would be computed {reads} times, which costs more than storing '{value.Name}' once" : null;
    }

    /// <summary>A pointwise node with its epilogue as one program over elements at one place; or why that cannot be.</summary>
    internal static string? Compose(Node functions, out Prologue? prologue)
    {
        prologue = null;
        if (((IPointwise)functions.Operator).ToStep(functions) is not { } first) return $"{functions.Operator.Name} with these attributes is no single step";
        var shape = functions.Outputs[0].Shape;
        Value? primary = null;
        for (var i = functions.OperatorInputCount - 1; i >= 0; i--)
            if (functions.Inputs[i] is { } input && input.Shape == shape) primary = input;
        if (primary is null) return $"no input of '{functions.Name}' has the shape {shape} of its result";
        var operands = new List<Value>();
        for (var i = 0; i < functions.Inputs.Count; i++)
            if (functions.Inputs[i] is { } input && input != primary && !operands.Contains(input)) operands.Add(input);
        foreach (var value in (ReadOnlySpan<Value>)[functions.Outputs[0], primary, .. operands])
            if (value.DataType != DataType.Float32) return $"'{value.Name}' is {value.DataType.Name()}";
        if (operands.Find(v => v.Shape != shape && v.Shape.ElementCount != 1) is { } broadcast) return $"'{broadcast.Name}' {broadcast.Shape} is not read at the place of the element {shape}";
        var steps = new List<PointwiseStep> { first with { A = OfInput(first.A), B = OfInput(first.B), C = OfInput(first.C) } };
        foreach (var step in functions.Epilogue?.Steps ?? []) steps.Add(step with { A = OfProgram(step.A), B = OfProgram(step.B), C = OfProgram(step.C) });
        if (steps.Count > PointwiseProgram.MaximumSteps) return $"a prologue has at most {PointwiseProgram.MaximumSteps} steps";
        if (operands.Count > PointwiseProgram.MaximumOperands) return $"a prologue reads at most {PointwiseProgram.MaximumOperands} tensors beside its own";
        if (steps.Exists(s => !EpilogueSteps.IsCommon(s.Opcode))) return $"only the pointwise kernel knows the functions of '{functions.Name}'";
        prologue = new Prologue(functions, primary, operands, new PointwiseProgram(steps, operands.Count));
        return null;

        int OfValue(Value? value) => value is null || value == primary ? 0 : 1 + operands.IndexOf(value);
        int OfInput(int register) => register < functions.OperatorInputCount ? OfValue(functions.Inputs[register]) : 0;
        int OfProgram(int register) => register == 0 ? PointwiseProgram.FirstResult
            : register >= PointwiseProgram.FirstResult ? register + 1
            : OfValue(functions.Inputs[functions.EpilogueStart + register - 1]);
    }

    /// <summary>A pointwise node as a program over one of its inputs.</summary>
    internal sealed record Prologue(Node Functions, Value Primary, IReadOnlyList<Value> Operands, PointwiseProgram Program);
}
