using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Onnx.Testing;

/// <summary>What one run of a graph gave.</summary>
/// <param name="Outputs">The outputs by name.</param>
/// <param name="Dispatches">Device dispatches in the run; null when no device was used.</param>
public sealed record OnnxRun(IReadOnlyDictionary<string, Tensor> Outputs, int? Dispatches);

/// <summary>Runs a graph once. Called from several threads at a time.</summary>
/// <param name="graph">The graph, built for these inputs.</param>
/// <param name="inputs">The inputs that the graph still has, by name: those bound by value are not among them.</param>
public delegate OnnxRun OnnxRunner(Graph graph, IReadOnlyDictionary<string, Tensor> inputs);
