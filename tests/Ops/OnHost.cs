using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;

namespace VkNet.Tests.Ops;

/// <summary>Runs one operator on the host, through the builder, so that its shape rule is checked too.</summary>
internal static class OnHost
{
    /// <summary>The outputs for given inputs.</summary>
    internal static IReadOnlyList<Tensor> Run(string name, AttributeSet? attributes, params ReadOnlySpan<Tensor?> inputs)
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        var values = new Value?[inputs.Length];
        var feeds = new Dictionary<string, Tensor>();
        for (var i = 0; i < inputs.Length; i++)
        {
            if (inputs[i] is not { } tensor) continue;
            values[i] = builder.Input($"x{i}", tensor.Type);
            feeds[$"x{i}"] = tensor;
        }
        var outputs = builder.Add(StandardOperators.Registry.Get(name), attributes ?? AttributeSet.Empty, values);
        for (var i = 0; i < outputs.Count; i++) builder.Output($"y{i}", outputs[i]);
        var results = HostEvaluator.Run(builder.Build(), feeds);
        return [.. outputs.Select(o => results[o])];
    }

    /// <summary>The first output's reals.</summary>
    internal static float[] Reals(string name, AttributeSet? attributes, params ReadOnlySpan<Tensor?> inputs) => Run(name, attributes, inputs)[0].ToArray<float>();
}
