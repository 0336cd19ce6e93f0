namespace VkNet.Graphs;

/// <summary>Builds the gradients of a node's inputs from those of its outputs.</summary>
/// <param name="context">The node, the gradients that arrive, and a builder.</param>
/// <returns>The gradient of each input; null where there is none.</returns>
public delegate IReadOnlyList<Value?> GradientRule(GradientContext context);
