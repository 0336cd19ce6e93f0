using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Selection;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Losses;

/// <summary>1 where the first largest element along an axis stands, 0 elsewhere. Its derivative is 0 wherever it has one.</summary>
public sealed class Hardmax : Operator, ILowering, IImportable, IExportable
{
    /// <inheritdoc/>
    public override string Name => "hardmax";

    /// <inheritdoc/>
    public override string Summary => "1 where the first largest element along an axis stands, 0 elsewhere.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "any shape with an axis")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [SoftmaxAxis.Axis];

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } = SoftmaxAxis.Rules("Hardmax", "hardmax");

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new(Reals(7, 10)), new OperatorSample(Reals(3, 5, 7)).With(SoftmaxAxis.Axis, 1)];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("Hardmax", node.Inputs, ("axis", node.Get(SoftmaxAxis.Axis)));

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context) => [SoftmaxAxis.Infer(context)];

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var rows = AxisRows.Of(context.ShapeOf(0), context.Get(SoftmaxAxis.Axis));
        var values = context.Reals(0);
        for (var row = 0L; row < rows.Count && rows.Extent > 0; row++)
        {
            var best = 0L;
            for (var i = 1L; i < rows.Extent; i++)
            {
                var (value, held) = (values[rows.Place(row, i)], values[rows.Place(row, best)]);
                if (value > held || (double.IsNaN(value) && !double.IsNaN(held))) best = i;
            }
            for (var i = 0L; i < rows.Extent; i++) values[rows.Place(row, i)] = i == best ? 1 : 0;
        }
        context.SetReals(0, values);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (input, output) = (context.Input(0), context.Output(0));
        if (output.Shape.ElementCount == 0) return;
        var rows = AxisRows.Of(input.Shape, context.Get(SoftmaxAxis.Axis));
        var places = context.Workspace("places", new TensorType(DataType.Int32, [rows.Count]));
        ArgExtreme.Run(context, rows, input, places, smallest: false, last: false);
        OneHot.Run(context, places, null, output, rows.Extent, rows.Inner);
    }
}
