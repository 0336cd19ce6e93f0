using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Selection;

/// <summary>Looks rows of a trained table up: y[..., :] = weight[indices[...], :]. Indices outside the table are limited to it.</summary>
public sealed class Embedding : Operator, ILowering, IExportable
{
    /// <summary>Rows of the table.</summary>
    public static AttributeDefinition<long> Entries { get; } = new("entries", "Number of rows of the table; needed when no weight is given.", 0) { Minimum = 0 };

    /// <summary>Numbers per row.</summary>
    public static AttributeDefinition<long> Units { get; } = new("units", "Numbers in a row of the table; needed when no weight is given.", 0) { Minimum = 0 };

    /// <inheritdoc/>
    public override string Name => "embedding";

    /// <inheritdoc/>
    public override string Summary => "Rows of a trained table: y[..., u] = weight[indices[...], u].";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("indices", "whole numbers, any shape"), new("weight", "[entries, units]") { IsParameter = true }];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Entries, Units];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new(Integers(0, 10, 3, 5), Reals(11, 8)), new(Integers(0, 10, 7), Reals(11, 5))];

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterDeclaration> DeclareParameters(InferenceContext context)
    {
        if (context.Has(1)) return [];
        var (entries, units) = (context.Get(Entries), context.Get(Units));
        if (entries < 1 || units < 1) context.Fail("VKN2263", "'entries' and 'units' are needed when no weight is given", "say how large the table is, e.g. entries: 1000, units: 64");
        return [new("weight", TensorType.Float(entries, units), new ParameterOptions { Initializer = "normal" })];
    }

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("Gather", [node.Inputs[1], node.Inputs[0]], ("axis", 0L));

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var (indices, weight) = (IndexRules.WholeNumbers(context, 0), context.RequireRank(1, 2));
        IndexRules.RequireElements(context, context.Input(1), weight[0], indices.Shape.ElementCount);
        return [context.Input(1) with { Shape = new Shape([.. indices.Shape, weight[1]]) }];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context) => context.Move(0, 1, Gather.Sources(AxisRows.Of(context.ShapeOf(1), 0), context.Integers(0)));

    /// <inheritdoc/>
    public void Lower(LoweringContext context) =>
        IndexKernels.Gather(context, context.Input(1), context.Input(0), context.Output(0), AxisRows.Of(context.Input(1).Shape, 0), context.Input(0).Shape.ElementCount, IndexKernels.Sharing.All);

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context) =>
        [null, GatherGradient.Apply(context.Builder, context.Input(1).Shape, 0, context.Input(0), context.Upstream)];
}
