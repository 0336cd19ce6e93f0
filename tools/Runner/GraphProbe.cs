using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Runner;

/// <summary>Runs a graph unfused with every node's result as an output, to find the first node where something goes wrong.</summary>
internal static class GraphProbe
{
    /// <summary>Describes the first node whose result is not finite although its inputs are; null when all are.</summary>
    internal static string? FindNonFinite(ComputeDevice device, Graph graph, CompilerOptions options, IWeightSource weights, IReadOnlyDictionary<string, Tensor> inputs)
    {
        foreach (var (name, tensor) in inputs)
            if (Describe(tensor) is { } fault) return $"input '{name}' holds {fault}";
        foreach (var (value, tensor) in RunAll(device, graph, options, weights, inputs))
            if (Describe(tensor) is { } fault)
                return $"node '{value.Producer!.Name}' ({value.Producer.Operator.Name}) is the first whose result holds {fault}";
        return null;
    }

    /// <summary>Describes the first node whose result differs from the host evaluator's, computed from the device's own inputs of that node; null when none does.</summary>
    internal static string? FindDifference(ComputeDevice device, Graph graph, CompilerOptions options, IWeightSource weights, IReadOnlyDictionary<string, Tensor> inputs, TextWriter error)
    {
        var known = new Dictionary<Value, Tensor>();
        foreach (var input in graph.Inputs) known[input] = inputs[input.Name];
        foreach (var parameter in graph.Parameters)
            if (weights.Find(parameter) is { } tensor) known[parameter] = tensor;
        foreach (var state in graph.States)
            if (state.Input.Data is { } initial) known[state.Input] = initial;
        double worst = 0;
        var results = RunAll(device, graph, options, weights, inputs);
        foreach (var (value, tensor) in results) known[value] = tensor;
        foreach (var node in graph.Nodes)
        {
            var reference = HostEvaluator.Evaluate(node, [.. node.Inputs.Select(i => i is null ? null : i.Constant ?? known[i])]);
            for (var i = 0; i < node.Outputs.Count; i++)
            {
                if (!known.TryGetValue(node.Outputs[i], out var computed)) continue;
                var (difference, at) = LargestDifference(computed, reference[i]);
                worst = Math.Max(worst, difference);
                if (difference > 1)
                    return FormattableString.Invariant($"node '{node.Name}' ({node.Operator.Name}) differs from the host evaluator at element {at} of '{node.Outputs[i].Name}': {ElementConversion.LoadReals(computed)[at]:R} on the device, {ElementConversion.LoadReals(reference[i])[at]:R} on the host");
            }
        }
        error.WriteLine(FormattableString.Invariant($"all {graph.Nodes.Count} nodes agree with the host evaluator; the largest difference is {worst:P1} of the tolerance (1e-5 of the tensor's largest value + 1e-4 of the element)"));
        return null;
    }

    private static List<(Value Value, Tensor Tensor)> RunAll(ComputeDevice device, Graph graph, CompilerOptions options, IWeightSource weights, IReadOnlyDictionary<string, Tensor> inputs)
    {
        var values = graph.Nodes.SelectMany(n => n.Outputs).ToList();
        var probe = new Graph(graph.Registry, graph.Name, graph.Inputs, graph.RunValues, graph.Parameters, graph.States, graph.Nodes,
            [.. values.Select(v => new KeyValuePair<string, Value>(v.Name, v))], graph.BoundValues);
        using var model = CompiledModel.Load(device, GraphCompiler.Compile(probe, options with { Fuse = false, ReuseMemory = false }), weights);
        using var session = model.CreateSession(1);
        var results = session.Run(inputs);
        return [.. values.Select(v => (v, results[v.Name]))];
    }

    private static string? Describe(Tensor tensor)
    {
        if (!tensor.DataType.IsFloat()) return null;
        var values = ElementConversion.LoadReals(tensor);
        for (var i = 0; i < values.Length; i++)
            if (!double.IsFinite(values[i])) return FormattableString.Invariant($"{values[i]} at element {i} of shape {tensor.Shape}");
        return null;
    }

    // As a fraction of the tolerance: 1 is just allowed.
    private static (double Difference, int At) LargestDifference(Tensor computed, Tensor reference)
    {
        var (a, b) = (ElementConversion.LoadReals(computed), ElementConversion.LoadReals(reference));
        var scale = b.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max();
        double worst = 0;
        var at = 0;
        for (var i = 0; i < a.Length; i++)
        {
            if (a[i].Equals(b[i])) continue;
            var difference = Math.Abs(a[i] - b[i]) / (1e-5 * Math.Max(scale, 1e-30) + 1e-4 * Math.Abs(b[i]));
            if (double.IsNaN(difference)) difference = double.PositiveInfinity;
            if (difference > worst) (worst, at) = (difference, i);
        }
        return (worst, at);
    }
}
