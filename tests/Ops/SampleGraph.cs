using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;

namespace VkNet.Tests.Ops;

/// <summary>An operator's sample as a graph of one node, with its inputs.</summary>
/// <param name="Operator">The operator.</param>
/// <param name="Graph">The graph.</param>
/// <param name="Inputs">The inputs by name.</param>
internal sealed record SampleGraph(Operator Operator, Graph Graph, IReadOnlyDictionary<string, Tensor> Inputs)
{
    /// <summary>The samples of all operators.</summary>
    public static IEnumerable<SampleGraph> All => StandardOperators.Registry.Operators.SelectMany(o => o.Samples.Select(s => Of(o, s)));

    /// <summary>The graph without open sizes, ready to be written.</summary>
    public OpenGraph Open => new(Graph, [.. Graph.Inputs.Select(i => new InputDeclaration(i.Name, i.DataType, [.. i.Shape.Select(s => (Dimension)s)]))], [.. Graph.Outputs.Select(o => (IReadOnlyList<long?>)[.. o.Value.Shape.Select(s => (long?)s)])]);

    /// <summary>The outputs as the host evaluator computes them, or those of another graph for the same inputs.</summary>
    public IReadOnlyList<Tensor> Evaluate(Graph? other = null, IReadOnlyDictionary<string, Tensor>? weights = null)
    {
        var graph = other ?? Graph;
        var values = HostEvaluator.Run(graph, Inputs.Concat(weights ?? new Dictionary<string, Tensor>()).ToDictionary());
        return [.. graph.Outputs.Select(o => o.Value.Constant ?? values[o.Value])];
    }

    public override string ToString() => Graph.Name;

    private static SampleGraph Of(Operator @operator, OperatorSample sample)
    {
        var builder = new GraphBuilder(StandardOperators.Registry, $"{@operator.Name} {sample}");
        var inputs = new Dictionary<string, Tensor>();
        var values = new Value?[sample.Inputs.Count];
        for (var i = 0; i < values.Length; i++)
        {
            if (sample.Inputs[i] is not { } input) continue;
            inputs[$"x{i}"] = input.Create(i);
            values[i] = builder.Input($"x{i}", input.Type);
        }
        var outputs = builder.Add(@operator, sample.Attributes, values);
        for (var i = 0; i < outputs.Count; i++) builder.Output($"y{i}", outputs[i]);
        return new SampleGraph(@operator, builder.Build(), inputs);
    }
}
