using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Reduction;

/// <summary>The sums of the rows of several matrices, each along all axes but the last, in one call. The compiler makes it of sums of their own.</summary>
public sealed class ReduceSumRows : Operator, ILowering
{
    /// <inheritdoc/>
    public override string Name => "reduce_sum_rows";

    /// <inheritdoc/>
    public override string Summary => "The sums of several tensors along all axes but their last, in one kernel.";

    /// <inheritdoc/>
    public override bool IsPublic => false;

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("inputs", "[..., C], each of its own sizes") { Variadic = true }];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [ReductionOperator.KeepDimensions];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new OperatorSample(Reals(7, 10), Reals(64, 12), Reals(3, 5, 300)).With(ReductionOperator.KeepDimensions, true), new(Reals(1, 1), Reals(513, 3)), new(Reals(2, 4), Reals(5, 8), Reals(511, 65), Reals(1, 260))];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var types = new TensorType[context.InputCount];
        for (var i = 0; i < types.Length; i++)
        {
            var shape = context.ShapeOf(i);
            types[i] = context.RequireFloat(i) with { Shape = context.Get(ReductionOperator.KeepDimensions) ? new Shape([.. Enumerable.Repeat(1L, shape.Rank - 1), shape[-1]]) : new Shape(shape[-1]) };
        }
        return types;
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        for (var i = 0; i < context.InputCount; i++)
        {
            var (values, sums) = (context.Reals(i), new double[context.Output(i).Shape.ElementCount]);
            for (var k = 0; k < values.Length; k++) sums[k % sums.Length] += values[k];
            context.SetReals(i, sums);
        }
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context) =>
        ReductionLowering.SumRows(context, [.. Enumerable.Range(0, context.Node.Outputs.Count).Select(i => (context.Input(i), context.Output(i), context.Input(i).Shape.Product(0, context.Input(i).Shape.Rank - 1)))]);
}
