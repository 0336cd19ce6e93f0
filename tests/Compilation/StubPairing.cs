using VkNet.Compilation;
using VkNet.Graphs;

namespace VkNet.Tests.Compilation;

/// <summary>A stand-in two nodes of which one call of "pair" can serve.</summary>
internal sealed class StubPairing(string name) : StubOperator(name, 1), IMergesCalls
{
    public object? MergingKey(Node node) => node.Inputs[0]!.Shape;

    public IEnumerable<MergedCall> Merge(IReadOnlyList<Node> nodes) =>
        nodes.Chunk(2).Where(c => c.Length == 2).Select(c => new MergedCall("pair", AttributeSet.Empty, [c[0].Inputs[0], c[1].Inputs[0]], [c[1], c[0]]));
}
