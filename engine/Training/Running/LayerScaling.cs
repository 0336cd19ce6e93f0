using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>
/// Layer-sequential unit-variance initialisation (Mishkin and Matas, 2016): from the first layer to the last, weights are divided by the
/// deviation of the layer's results on a batch until that is one.
/// </summary>
internal static class LayerScaling
{
    private const int Turns = 10;
    private const double Tolerance = 0.01;

    /// <summary>Scales the weights in a store.</summary>
    /// <param name="device">Where to run.</param>
    /// <param name="model">The model's graph.</param>
    /// <param name="store">The weights being trained.</param>
    /// <param name="weights">The other weights.</param>
    /// <param name="inputs">A batch by the inputs' names.</param>
    internal static void Apply(ComputeDevice device, Graph model, WeightStore store, IWeightSource weights, IReadOnlyDictionary<string, Tensor> inputs)
    {
        var layers = model.Nodes.Select(n => (Node: n, Weight: n.Inputs.FirstOrDefault(i => i is { Kind: ValueKind.Parameter, Shape.Rank: >= 2 } && store.Contains(i.Name))))
            .Where(l => l.Weight is not null).ToList();
        var probe = new Graph(model.Registry, model.Name + " layers", model.Inputs, model.RunValues, model.Parameters,
            [.. model.States.Where(s => s.Input.Kind == ValueKind.State), .. model.Parameters.Where(p => store.Contains(p.Name)).Select(p => new StatePair(p, p))],
            model.Nodes, [.. layers.Select(l => new KeyValuePair<string, Value>(l.Node.Name, l.Node.Outputs[0]))]);
        using var compiled = CompiledModel.Load(device, GraphCompiler.Compile(probe, new CompilerOptions { Profile = device.Profile }), weights);
        using var session = compiled.CreateSession(store, 1);
        var feeds = compiled.Plan.Inputs.Select(i => inputs[i.Key]).ToArray();
        var results = session.AllocateOutputs();
        for (var layer = 0; layer < layers.Count; layer++)
            for (var turn = 0; turn < Turns; turn++)
            {
                session.Run(feeds, results);
                var deviation = Deviation(ElementConversion.LoadReals(results[layer]));
                if (!(deviation > 0) || Math.Abs(deviation * deviation - 1) < Tolerance) break;
                var name = layers[layer].Weight!.Name;
                var scaled = store.Read(name);
                foreach (ref var value in scaled.Values<float>()) value = (float)(value / deviation);
                store.Write(name, scaled);
            }
    }

    private static double Deviation(double[] values)
    {
        if (values.Length == 0) return 0;
        var mean = values.Average();
        return Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
    }
}
