using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>A node that computes what several others do.</summary>
/// <param name="Operator">The name of its operator.</param>
/// <param name="Attributes">Its attributes.</param>
/// <param name="Inputs">Its inputs.</param>
/// <param name="Nodes">The others, in the order of its outputs, one for each.</param>
public sealed record MergedCall(string Operator, AttributeSet Attributes, IReadOnlyList<Value?> Inputs, IReadOnlyList<Node> Nodes);
