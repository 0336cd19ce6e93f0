namespace VkNet.Compilation;

/// <summary>Why nodes that stand one after another were not merged.</summary>
/// <param name="Nodes">The nodes: first the one that would have done the work.</param>
/// <param name="Reason">Why not.</param>
public sealed record FusionRefusal(IReadOnlyList<string> Nodes, string Reason);
