using System.Text;
using VkNet.Tensors;

namespace VkNet.Graphs;

/// <summary>
/// A static, typed dataflow graph with concrete shapes, in static single assignment form. Nodes stand in topological order.
/// Passes take one graph and give another; a graph is not changed after it is built.
/// </summary>
public sealed class Graph
{
    /// <summary>Makes a graph from its parts.</summary>
    internal Graph(OperatorRegistry registry, string name, IReadOnlyList<Value> inputs, IReadOnlyList<Value> runValues, IReadOnlyList<Value> parameters, IReadOnlyList<StatePair> states, IReadOnlyList<Node> nodes, IReadOnlyList<KeyValuePair<string, Value>> outputs, IReadOnlyDictionary<string, Tensor>? boundValues = null, IReadOnlyDictionary<string, int>? extents = null)
    {
        Registry = registry;
        Name = name;
        Inputs = inputs;
        RunValues = runValues;
        Parameters = parameters;
        States = states;
        Nodes = nodes;
        Outputs = outputs;
        BoundValues = boundValues ?? new Dictionary<string, Tensor>();
        Extents = extents ?? new Dictionary<string, int>();
    }

    /// <summary>The operators that the graph was built with; passes find the few they emit themselves here.</summary>
    public OperatorRegistry Registry { get; }

    /// <summary>The graph's name.</summary>
    public string Name { get; }

    /// <summary>Values fed by the caller, in order.</summary>
    public IReadOnlyList<Value> Inputs { get; }

    /// <summary>Scalars of the run block.</summary>
    public IReadOnlyList<Value> RunValues { get; }

    /// <summary>Loadable, trainable tensors.</summary>
    public IReadOnlyList<Value> Parameters { get; }

    /// <summary>Carried tensors.</summary>
    public IReadOnlyList<StatePair> States { get; }

    /// <summary>The nodes in topological order.</summary>
    public IReadOnlyList<Node> Nodes { get; }

    /// <summary>Named results, in order. Two names may stand for one value.</summary>
    public IReadOnlyList<KeyValuePair<string, Value>> Outputs { get; }

    /// <summary>
    /// Inputs whose values decided a shape, an axis, a trip count or a branch while building: the graph holds for exactly these values.
    /// They are not among <see cref="Inputs"/>.
    /// </summary>
    public IReadOnlyDictionary<string, Tensor> BoundValues { get; }

    /// <summary>The sizes that the model's symbols were bound to when the graph was built.</summary>
    internal IReadOnlyDictionary<string, long> Symbols { get; init; } = new Dictionary<string, long>();

    /// <summary>
    /// The axis along which an output's size depends on data, by the output's name. The output has the largest size possible; how much of it
    /// is meant is told by another output, named as <see cref="CountName"/> says.
    /// </summary>
    public IReadOnlyDictionary<string, int> Extents { get; }

    /// <summary>The name of the output that counts how many elements of an output are meant.</summary>
    public static string CountName(string output) => output + ":count";

    /// <summary>A listing, one node a line.</summary>
    public override string ToString()
    {
        var text = new StringBuilder().Append("graph ").Append(Name).Append('\n');
        foreach (var value in Inputs) text.Append("  input ").Append(value).Append('\n');
        foreach (var value in RunValues) text.Append("  run value ").Append(value).Append('\n');
        foreach (var value in Parameters) text.Append("  parameter ").Append(value).Append('\n');
        foreach (var node in Nodes) text.Append("  ").Append(node).Append('\n');
        foreach (var state in States) text.Append("  state %").Append(state.Input.Name).Append(" <- %").Append(state.Output.Name).Append('\n');
        foreach (var (name, value) in Outputs) text.Append("  output ").Append(name).Append(" = %").Append(value.Name).Append('\n');
        return text.ToString();
    }
}
