using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Selection;

/// <summary>Takes the elements at given indices of an axis. Indices outside the axis are limited to it, see <see cref="Places"/>.</summary>
public sealed class Gather : Operator, ILowering, IImportable, IExportable
{
    /// <summary>The axis indexed.</summary>
    public static AttributeDefinition<long> Axis { get; } = new("axis", "The axis indexed, a negative one counted from the end.", 0);

    /// <inheritdoc/>
    public override string Name => "gather";

    /// <inheritdoc/>
    public override string Summary => "The elements at given indices of an axis, which the indices' axes take the place of; indices outside the axis are limited to it.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "any shape with an axis"), new("indices", "whole numbers, any shape; negative ones count from the end")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Axis];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
        [ImportRule.Single("Gather", 1, node => node.Emit("gather", AttributeSet.Empty.With(Axis, node.Integer("axis", 0)), node.Input(0), node.Input(1)))];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(Reals(11, 8), Integers(-11, 10, 3, 5)), new OperatorSample(Reals(3, 7, 5), Integers(-9, 9, 13)).With(Axis, 1), new(Integers(-99, 99, 257), Integers(0, 256, 67)),
    ];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("Gather", node.Inputs, ("axis", node.Get(Axis)));

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.Input(0);
        var axis = IndexRules.Axis(context, type.Shape, context.Get(Axis));
        var indices = IndexRules.WholeNumbers(context, 1);
        IndexRules.RequireElements(context, type, type.Shape[axis], indices.Shape.ElementCount);
        return [type with { Shape = new Shape([.. type.Shape.Take(axis), .. indices.Shape, .. type.Shape.Skip(axis + 1)]) }];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context) => context.Move(0, 0, Sources(AxisRows.Of(context.ShapeOf(0), context.Get(Axis)), context.Integers(1)));

    /// <inheritdoc/>
    public void Lower(LoweringContext context) =>
        IndexKernels.Gather(context, context.Input(0), context.Input(1), context.Output(0), AxisRows.Of(context.Input(0).Shape, context.Get(Axis)), context.Input(1).Shape.ElementCount, IndexKernels.Sharing.All);

    /// <inheritdoc/>
    public override IReadOnlyList<ValueExtent?>? Extents(Node node)
    {
        var (source, indices) = (node.Inputs[0]!, node.Inputs[1]!);
        var axis = (int)(node.Get(Axis) < 0 ? node.Get(Axis) + source.Shape.Rank : node.Get(Axis));
        if (source.Extent is null) return indices.Extent is { } listed ? [listed with { Axis = axis + listed.Axis }] : [];
        // Indices of an axis whose size depends on data may count from an end that is not known.
        if (indices.Extent is not null || source.Extent.Axis == axis) return null;
        return [source.Extent with { Axis = source.Extent.Axis < axis ? source.Extent.Axis : source.Extent.Axis + indices.Shape.Rank - 1 }];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context) =>
        [GatherGradient.Apply(context.Builder, context.Input(0).Shape, context.Node.Get(Axis), context.Input(1), context.Upstream), null];

    /// <summary>For every element taken, the number of its source.</summary>
    internal static long[] Sources(AxisRows rows, long[] indices)
    {
        var sources = new long[rows.Outer * indices.Length * rows.Inner];
        var next = 0L;
        for (var outer = 0L; outer < rows.Outer; outer++)
            foreach (var index in indices)
            {
                var first = (outer * rows.Extent + Places.OnAxis(index, rows.Extent)) * rows.Inner;
                for (var i = 0L; i < rows.Inner; i++) sources[next++] = first + i;
            }
        return sources;
    }
}
