namespace VkNet.Graphs;

/// <summary>
/// An operator that is written as others: it has parameters, attributes and a shape rule like any other, but the graph that it is added to
/// gets the nodes that it consists of. It so inherits their gradients and kernels, and what is compiled, fused and listed are those nodes.
/// </summary>
public abstract class CompositeOperator : Operator
{
    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <summary>Adds the nodes.</summary>
    /// <param name="context">The inputs, which have passed the shape rule, and a builder.</param>
    /// <returns>The outputs, of the types that the shape rule gave.</returns>
    public abstract IReadOnlyList<Value> Build(CompositeContext context);

    /// <summary>Not used: no graph holds a node of a composite operator.</summary>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public sealed override void Evaluate(HostContext context) => throw new InvalidOperationException($"{Name} is evaluated as the operators that it consists of");
}
