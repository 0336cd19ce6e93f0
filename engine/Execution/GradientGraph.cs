using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Execution;

/// <summary>Makes the graph of an operator's gradients for one of its samples.</summary>
internal static class GradientGraph
{
    /// <summary>Builds the graph and its inputs; null when nothing that the sample gives has a gradient.</summary>
    internal static (Graph Graph, Dictionary<string, Tensor> Inputs)? Build(OperatorRegistry registry, Operator @operator, OperatorSample sample)
    {
        var inputs = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        // Some rules take the gradient of the first output only (statistics beside the result), or have none for one of the inputs.
        foreach (var all in (bool[])[true, false])
        {
            var targets = Targets(sample);
            if (Attempt(registry, @operator, sample, targets, all, inputs) is { } whole) return (whole, inputs);
            targets = [.. targets.Where(t => Attempt(registry, @operator, sample, [t], all, inputs) is not null)];
            if (targets.Count > 0 && Attempt(registry, @operator, sample, targets, all, inputs) is { } part) return (part, inputs);
        }
        return null;
    }

    private static List<int> Targets(OperatorSample sample) =>
        [.. Enumerable.Range(0, sample.Inputs.Count).Where(i => sample.Inputs[i]?.Type is { } type && type.DataType.IsFloat() && type.Shape.ElementCount > 0)];

    private static Graph? Attempt(OperatorRegistry registry, Operator @operator, OperatorSample sample, List<int> targets, bool allOutputs, Dictionary<string, Tensor> inputs)
    {
        inputs.Clear();
        if (targets.Count == 0) return null;
        var builder = new GraphBuilder(registry, @operator.Name + " gradient");
        var values = new Value?[sample.Inputs.Count];
        for (var i = 0; i < values.Length; i++)
        {
            if (sample.Inputs[i] is not { } input) continue;
            inputs[$"x{i}"] = Regular(input.Create(i));
            values[i] = builder.Input($"x{i}", input.Type);
        }
        var upstream = new List<KeyValuePair<Value, Value>>();
        foreach (var (output, i) in builder.Add(@operator, sample.Attributes, values).Select((o, i) => (o, i)))
        {
            if (!output.DataType.IsFloat() || output.Shape.ElementCount == 0 || (i > 0 && !allOutputs)) continue;
            upstream.Add(new(output, builder.Input($"g{i}", output.Type)));
            inputs[$"g{i}"] = SampleInput.RealsWithin(-1, 1, [.. output.Shape]).Create(100 + i).Cast(output.DataType);
        }
        if (upstream.Count == 0) return null;
        try
        {
            var gradients = Gradients.Of(builder, upstream, [.. targets.Select(t => values[t]!)]);
            if (gradients.All(g => g.Kind == ValueKind.Constant)) return null;
            for (var i = 0; i < gradients.Count; i++) builder.Output($"d{targets[i]}", gradients[i]);
        }
        catch (VkNetException e) when (e.Diagnostic.Code == "VKN5001")
        {
            return null;
        }
        return builder.Build();
    }

    /// <summary>The sample's tensor without infinities, NaN, zeros and huge numbers, which are for results: slopes are compared away from these.</summary>
    internal static Tensor Regular(Tensor tensor)
    {
        if (!tensor.DataType.IsFloat()) return tensor;
        var values = ElementConversion.LoadReals(tensor);
        for (var i = 0; i < values.Length; i++)
            if (!(Math.Abs(values[i]) is > 1e-2 and < 20)) values[i] = 0.37 + 0.013 * (i % 17);
        var regular = Tensor.Zeros(tensor.Type);
        ElementConversion.StoreReals(regular, values);
        return regular;
    }
}
