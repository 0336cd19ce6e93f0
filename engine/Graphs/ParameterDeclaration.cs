using VkNet.Tensors;

namespace VkNet.Graphs;

/// <summary>A parameter that comes into being with its node.</summary>
/// <param name="Operand">The operator's input that it fills.</param>
/// <param name="Type">Element type and shape.</param>
/// <param name="Options">Default initialisation; the graph file may override it.</param>
public sealed record ParameterDeclaration(string Operand, TensorType Type, ParameterOptions Options);
