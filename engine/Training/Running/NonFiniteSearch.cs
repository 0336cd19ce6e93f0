using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>Finds the node of a training step where NaN or infinity first appears.</summary>
internal static class NonFiniteSearch
{
    /// <summary>Describes it; null when the step as it would run now has none.</summary>
    /// <param name="device">Where to look.</param>
    /// <param name="graph">The step.</param>
    /// <param name="store">The weights being trained; they are not changed.</param>
    /// <param name="weights">The other weights.</param>
    /// <param name="inputs">The inputs, in order.</param>
    /// <param name="counter">The counter of random operators.</param>
    internal static string? Find(ComputeDevice device, Graph graph, WeightStore store, IWeightSource weights, IReadOnlyList<Tensor> inputs, int counter)
    {
        for (var i = 0; i < inputs.Count; i++)
            if (Describe(inputs[i]) is { } fault) return $"the input '{graph.Inputs[i].Name}' holds {fault}";
        foreach (var parameter in graph.Parameters)
            if (store.Contains(parameter.Name) && Describe(store.Read(parameter.Name)) is { } fault) return $"the parameter '{parameter.Name}' holds {fault}";
        var nodes = graph.Nodes.Where(n => n.Operator is not IOptimizer && n.Operator.Name != "moving_average").ToList();
        var values = nodes.SelectMany(n => n.Outputs).Where(v => v.DataType.IsFloat() && v.Shape.ElementCount > 0).ToList();
        var states = graph.States.Where(s => s.Input.Kind == ValueKind.State).Select(s => new StatePair(s.Input, s.Input)).ToList();
        var probe = new Graph(graph.Registry, graph.Name + " probe", graph.Inputs, graph.RunValues, graph.Parameters, states, nodes, [.. values.Select(v => new KeyValuePair<string, Value>(v.Name, v))]);
        var current = new TensorWeights(graph.Parameters.Where(p => store.Contains(p.Name)).ToDictionary(p => p.Name, p => store.Read(p.Name)));
        using var model = CompiledModel.Load(device, GraphCompiler.Compile(probe, new CompilerOptions { Profile = device.Profile, Fuse = false, ReuseMemory = false }), new FirstOf(current, weights));
        using var session = model.CreateSession(1);
        foreach (var state in states) session.WriteState(state.Input.Name, store.Read(state.Input.Name));
        if (graph.RunValues.Any(r => r.Name == TrainingModeContext.CounterName)) session.SetRunValue(TrainingModeContext.CounterName, counter);
        var results = session.AllocateOutputs();
        session.Run([.. inputs], results);
        for (var i = 0; i < values.Count; i++)
            if (Describe(results[i]) is { } fault)
                return $"the node '{values[i].Producer!.Name}' ({values[i].Producer!.Operator.Name}) is the first whose result holds {fault}";
        return null;
    }

    private static string? Describe(Tensor tensor)
    {
        if (!tensor.DataType.IsFloat()) return null;
        var values = ElementConversion.LoadReals(tensor);
        for (var i = 0; i < values.Length; i++)
            if (!double.IsFinite(values[i])) return FormattableString.Invariant($"{values[i]} at element {i} of shape {tensor.Shape}");
        return null;
    }

    private sealed class FirstOf(IWeightSource first, IWeightSource second) : IWeightSource
    {
        public IEnumerable<string> Names => first.Names.Concat(second.Names);

        public Tensor? Find(Value parameter) => first.Find(parameter) ?? second.Find(parameter);
    }
}
