using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Operators;

/// <summary>Base of the operators that have no kernels of their own and are evaluated on the host, too, by what they are made of.</summary>
public abstract class CompositeOperator : Operator
{
    /// <inheritdoc/>
    public sealed override void Evaluate(HostContext context)
    {
        var builder = new GraphBuilder(StandardOperators.Registry, Name);
        var (inputs, values) = (new Value?[context.InputCount], new Dictionary<string, Tensor>(StringComparer.Ordinal));
        for (var i = 0; i < inputs.Length; i++)
        {
            if (!context.Has(i)) continue;
            values[$"x{i}"] = context.Input(i);
            inputs[i] = builder.Input($"x{i}", context.Input(i).Type);
        }
        var outputs = Decompose(new DecompositionContext(builder, context.Attributes, inputs, Name, null));
        for (var i = 0; i < outputs.Count; i++) builder.Output($"y{i}", outputs[i]);
        var results = HostEvaluator.Run(builder.Build(), values);
        for (var i = 0; i < outputs.Count; i++) context.Set(i, results[outputs[i]].Cast(context.Output(i).DataType));
    }

    /// <inheritdoc/>
    public abstract override IReadOnlyList<Value> Decompose(DecompositionContext context);
}
