using VkNet.Onnx.Wire;

namespace VkNet.Onnx.Import;

/// <summary>A sub-graph attribute together with the place it was written in, whose values its nodes may use. Opaque to import rules.</summary>
internal sealed record Closure(GraphProto Graph, Scope Scope, Frame Frame);
