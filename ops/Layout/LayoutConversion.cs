using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Pointwise.Lowering;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Layout;

/// <summary>Base of the operators that the compiler inserts where a tensor changes its layout in memory; the logical tensor stays the same.</summary>
public abstract class LayoutConversion : Operator, ILowering
{
    private protected LayoutConversion(string name, string summary)
    {
        Name = name;
        Summary = summary;
    }

    /// <inheritdoc/>
    public sealed override string Name { get; }

    /// <inheritdoc/>
    public sealed override string Summary { get; }

    /// <inheritdoc/>
    public sealed override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "[N, C, spatial...]")];

    /// <inheritdoc/>
    public sealed override bool IsPublic => false;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new(Reals(2, 3, 5, 7)), new(Reals(1, 4, 9)), new(Reals(1, 5, 2, 3, 7))];

    /// <inheritdoc/>
    public sealed override IReadOnlyList<TensorType> Infer(InferenceContext context) => [context.Input(0)];

    /// <inheritdoc/>
    public sealed override void Evaluate(HostContext context) => context.Set(0, context.Input(0));

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        if (context.Input(0).Layout == context.Output(0).Layout) context.Alias(0, context.Input(0));
        else PointwiseLowering.Lower(context, null, 0, context.Output(0).Type.DataType);
    }
}
