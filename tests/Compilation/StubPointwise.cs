using VkNet.Compilation;
using VkNet.Graphs;

namespace VkNet.Tests.Compilation;

/// <summary>A pointwise stand-in: it can be fused as one step of a given opcode.</summary>
internal sealed class StubPointwise(string name, int inputs, int opcode) : StubOperator(name, inputs), IPointwise
{
    public PointwiseStep? ToStep(Node node) => new PointwiseStep(opcode, 0, Inputs.Count > 1 ? 1 : 0);
}
