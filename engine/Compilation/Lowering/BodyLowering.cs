using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>Writes the calls of a region's body into the plan of the graph around it, once for each step.</summary>
public sealed class BodyLowering
{
    private readonly GraphLowering _lowering;
    private readonly Graph _body;
    private readonly HashSet<Value> _invariant;

    internal BodyLowering(GraphLowering parent, Graph body, IReadOnlyList<bool> isInvariant)
    {
        _body = GraphCompiler.Optimize(body, parent.Options);
        _lowering = parent.Nested(_body);
        _invariant = [.. _body.Inputs.Where((_, i) => isInvariant[i])];
        foreach (var node in _body.Nodes)
            if (node.Operator.IsFoldable && node.Inputs.All(i => i is null || i.Kind == ValueKind.Constant || _invariant.Contains(i))) _invariant.UnionWith(node.Outputs);
    }

    /// <summary>The body's inputs.</summary>
    public IReadOnlyList<Value> Inputs => _body.Inputs;

    /// <summary>Writes the calls of one step.</summary>
    /// <param name="inputs">The body's inputs, in order; those that do not change from step to step must be the same tensors every time.</param>
    /// <returns>The body's outputs, in order.</returns>
    public IReadOnlyList<DeviceTensor> Run(IReadOnlyList<DeviceTensor> inputs)
    {
        _lowering.Begin(_invariant);
        for (var i = 0; i < inputs.Count; i++) _lowering.SetTensor(_body.Inputs[i], inputs[i]);
        _lowering.LowerNodes(_invariant);
        return [.. _body.Outputs.Select(o => _lowering.TensorOf(o.Value))];
    }
}
