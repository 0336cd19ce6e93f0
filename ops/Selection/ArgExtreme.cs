using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Reduction;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Selection;

/// <summary>Where the largest or the smallest element along an axis stands; NaN counts as the extreme either way, as in NumPy.</summary>
public sealed class ArgExtreme : Operator, ILowering, IImportable, IExportable
{
    private const int GroupSize = 64;

    private readonly bool _smallest;

    /// <summary>Makes the operator.</summary>
    /// <param name="smallest">True for the smallest element.</param>
    public ArgExtreme(bool smallest)
    {
        _smallest = smallest;
        ImportRules = [ImportRule.Single(smallest ? "ArgMin" : "ArgMax", 1, Import)];
    }

    /// <summary>The axis searched.</summary>
    public static AttributeDefinition<long> Axis { get; } = new("axis", "The axis searched, a negative one counted from the end.", -1);

    /// <summary>Which of several.</summary>
    public static AttributeDefinition<bool> SelectLast { get; } = new("select_last", "Whether the last of several extreme elements is meant, instead of the first.", false);

    /// <inheritdoc/>
    public override string Name => _smallest ? "argmin" : "argmax";

    /// <inheritdoc/>
    public override string Summary => $"Where the {(_smallest ? "smallest" : "largest")} element along an axis stands.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "any shape with an axis")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Axis, ReductionOperator.KeepDimensions, SelectLast];

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(Reals(7, 10)), new(Integers(-3, 3, 5, 129)), new OperatorSample(Integers(-2, 2, 3, 7, 8)).With(Axis, 1).With(SelectLast, true), new OperatorSample(Reals(3, 200, 5)).With(Axis, 1).With(ReductionOperator.KeepDimensions, true),
    ];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result(_smallest ? "ArgMin" : "ArgMax", node.Inputs,
        ("axis", node.Get(Axis)), ("keepdims", node.Get(ReductionOperator.KeepDimensions)), ("select_last_index", node.Get(SelectLast)));

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var shape = context.ShapeOf(0);
        if (shape.Rank == 0) context.Fail("VKN2260", "a scalar has no axis to search");
        var axis = context.Axis(context.Get(Axis), shape.Rank);
        var result = context.Get(ReductionOperator.KeepDimensions) ? shape.With(axis, 1) : AxisRows.WithoutAxis(shape, axis);
        if (shape[axis] == 0 && result.ElementCount > 0) context.Fail("VKN2260", $"axis {axis} of {context.Input(0)} has no elements to search");
        return [new TensorType(DataType.Int64, result)];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var rows = AxisRows.Of(context.ShapeOf(0), context.Get(Axis));
        var last = context.Get(SelectLast);
        var result = new long[rows.Count];
        if (context.Input(0).DataType.IsFloat()) Search(context.Reals(0), (a, b) => double.IsNaN(a) || double.IsNaN(b) ? double.IsNaN(a).CompareTo(double.IsNaN(b)) : _smallest ? b.CompareTo(a) : a.CompareTo(b));
        else Search(context.Integers(0), (a, b) => _smallest ? b.CompareTo(a) : a.CompareTo(b));
        context.SetIntegers(0, result);

        void Search<T>(T[] values, Comparison<T> compare)
        {
            for (var row = 0L; row < rows.Count; row++)
            {
                for (var i = 1L; i < rows.Extent; i++)
                {
                    var order = compare(values[rows.Place(row, i)], values[rows.Place(row, result[row])]);
                    if (order > 0 || (order == 0 && last)) result[row] = i;
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        if (context.Output(0).Shape.ElementCount > 0) Run(context, AxisRows.Of(context.Input(0).Shape, context.Get(Axis)), context.Input(0), context.Output(0), _smallest, context.Get(SelectLast));
    }

    /// <summary>Writes the call: for every row the place of its extreme element.</summary>
    internal static void Run(LoweringContext context, AxisRows rows, DeviceTensor source, DeviceTensor places, bool smallest, bool last)
    {
        var whole = !source.Type.DataType.IsFloat();
        var kernel = context.Choose(IndexingArgExtreme.Family.Variants.Where(v => v.Variant == "whole" == whole), source);
        var (vector, aligned, lanes, units) = rows.Arrange(kernel);
        context.Dispatch(kernel)
            .Parameters(checked(new IndexingArgExtreme.Parameters { Units = (int)units, Extent = (int)rows.Extent, Inner = (int)rows.Inner }))
            .Constant(IndexingArgExtreme.Constants.Vector, vector)
            .Constant(IndexingArgExtreme.Constants.AlignedRows, aligned)
            .Constant(IndexingArgExtreme.Constants.Lanes, lanes)
            .Constant(IndexingArgExtreme.Constants.Smallest, smallest ? 1 : 0)
            .Constant(IndexingArgExtreme.Constants.Last, last ? 1 : 0)
            .Bind(IndexingArgExtreme.Bindings.Source, source)
            .Bind(IndexingArgExtreme.Bindings.Places, places)
            .Cost(source.Shape.ElementCount, source.Bytes)
            .RunLinear(units * lanes, GroupSize);
    }

    private Value Import(ImportNode node) => node.Emit(Name, AttributeSet.Empty
        .With(Axis, node.Integer("axis", 0))
        .With(ReductionOperator.KeepDimensions, node.Integer("keepdims", 1) != 0)
        .With(SelectLast, node.Integer("select_last_index", 0) != 0), node.Input(0));
}
