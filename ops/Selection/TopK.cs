using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Selection;

/// <summary>
/// The k largest (or smallest) elements along an axis, in order, and where they stand. Of equal elements the one in front comes first; NaN comes
/// before all numbers. Blocks of a row are sorted in shared memory and their best merged, so that any k and any size work.
/// </summary>
public sealed class TopK : Operator, ILowering, IImportable, IExportable
{
    private const long LargestBlock = 1024;
    private const int SortGroup = 256;
    private const int TakeGroup = 64;

    /// <summary>How many.</summary>
    public static AttributeDefinition<long> K { get; } = new("k", "How many elements are taken.", required: true) { Minimum = 0 };

    /// <summary>Along which axis.</summary>
    public static AttributeDefinition<long> Axis { get; } = new("axis", "The axis searched, a negative one counted from the end.", -1);

    /// <summary>Largest or smallest.</summary>
    public static AttributeDefinition<bool> Largest { get; } = new("largest", "Whether the largest elements are taken, instead of the smallest.", true);

    /// <inheritdoc/>
    public override string Name => "top_k";

    /// <inheritdoc/>
    public override string Summary => "The k largest (or smallest) elements along an axis, in order, and where they stand.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "any shape with an axis")];

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => ["values", "indices"];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [K, Axis, Largest];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        new ImportRule("TopK", 1, node => Import(node, node.Integer("k", 0))) { UntilVersion = 9 },
        // Whether the result must be in order ("sorted", since opset 11) makes no difference: it always is.
        new ImportRule("TopK", 10, node => Import(node, node.ConstantIntegers(1, "the number of elements")![0])),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(3, 67)).With(K, 5), new OperatorSample(Integers(-3, 3, 3, 67, 5)).With(K, 67).With(Axis, 1).With(Largest, false), new OperatorSample(Reals(2, 5003)).With(K, 10),
    ];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("TopK", [node.Inputs[0], node.Integers(node.Get(K))], ("axis", node.Get(Axis)), ("largest", node.Get(Largest)));

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.Input(0);
        var axis = IndexRules.Axis(context, type.Shape, context.Get(Axis));
        var k = context.Get(K);
        if (k < 0 || k > type.Shape[axis]) context.Fail("VKN2267", $"{k} elements are asked for, but axis {axis} of {type} has {type.Shape[axis]}");
        var shape = type.Shape.With(axis, k);
        return [type with { Shape = shape }, new TensorType(DataType.Int64, shape)];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (rows, k, largest) = (AxisRows.Of(context.ShapeOf(0), context.Get(Axis)), context.Get(K), context.Get(Largest));
        var taken = rows with { Extent = k };
        var (sources, places) = (new long[rows.Count * k], new long[rows.Count * k]);
        if (context.Input(0).DataType.IsFloat()) Sort(context.Reals(0), (a, b) => double.IsNaN(a) || double.IsNaN(b) ? double.IsNaN(b).CompareTo(double.IsNaN(a)) : largest ? b.CompareTo(a) : a.CompareTo(b));
        else Sort(context.Integers(0), (a, b) => largest ? b.CompareTo(a) : a.CompareTo(b));
        context.Move(0, 0, sources);
        context.SetIntegers(1, places);

        void Sort<T>(T[] values, Comparison<T> compare)
        {
            var order = new long[rows.Extent];
            for (var row = 0L; row < rows.Count; row++)
            {
                for (var i = 0L; i < rows.Extent; i++) order[i] = i;
                Array.Sort(order, (a, b) => compare(values[rows.Place(row, a)], values[rows.Place(row, b)]) is var way and not 0 ? way : a.CompareTo(b));
                for (var i = 0L; i < k; i++)
                {
                    sources[taken.Place(row, i)] = rows.Place(row, order[i]);
                    places[taken.Place(row, i)] = order[i];
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (input, values, places) = (context.Input(0), context.Output(0), context.Output(1));
        if (values.Shape.ElementCount == 0) return;
        var (rows, k) = (AxisRows.Of(input.Shape, context.Get(Axis)), context.Get(K));
        var sorted = Sorted(context, input, rows, k);
        context.Dispatch(context.Choose(IndexingTakeSorted.Family.Variants, input, sorted))
            .Parameters(checked(new IndexingTakeSorted.Parameters { Count = (int)values.Shape.ElementCount, Extent = (int)rows.Extent, Taken = (int)k, Inner = (int)rows.Inner }))
            .Bind(IndexingTakeSorted.Bindings.Source, input)
            .Bind(IndexingTakeSorted.Bindings.Sorted, sorted)
            .Bind(IndexingTakeSorted.Bindings.Values, values)
            .Bind(IndexingTakeSorted.Bindings.Places, places)
            .Cost(0, 4.0 * values.Bytes)
            .RunLinear(values.Shape.ElementCount, TakeGroup);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var input = context.Input(0);
        var zeros = context.Builder.Apply("fill", AttributeSet.Empty.With(Layout.Fill.Shape, input.Shape.ToArray()).With(Layout.Fill.Type, input.DataType.Name()));
        return [context.Builder.Apply("scatter_elements", AttributeSet.Empty.With(Gather.Axis, context.Node.Get(Axis)), zeros, context.Output(1), context.Upstream)];
    }

    // rows x k keys and as many places, the best first.
    private static DeviceTensor Sorted(LoweringContext context, DeviceTensor input, AxisRows rows, long k)
    {
        var size = 2L;
        while (size < Math.Min(rows.Extent, LargestBlock)) size *= 2;
        var runs = (rows.Extent + size - 1) / size;
        var keep = Math.Min(k, size);
        var whole = !input.Type.DataType.IsFloat();
        var sorted = context.Workspace("sorted blocks", new TensorType(DataType.Int32, [2, rows.Count, runs, keep]));
        context.Dispatch(context.Choose(IndexingSortBlocks.Family.Variants.Where(v => v.Variant == "whole" == whole), input))
            .Parameters(checked(new IndexingSortBlocks.Parameters { Pieces = (int)(rows.Count * runs), Extent = (int)rows.Extent, Inner = (int)rows.Inner, Blocks = (int)runs, Size = (int)size, Keep = (int)keep }))
            .Constant(IndexingSortBlocks.Constants.Smallest, context.Get(Largest) ? 0 : 1)
            .Bind(IndexingSortBlocks.Bindings.Source, input)
            .Bind(IndexingSortBlocks.Bindings.Sorted, sorted)
            .Cost(rows.Count * runs * size * Math.Pow(Math.Log2(size), 2) / 4, input.Bytes + sorted.Bytes)
            .RunLinear(rows.Count * runs * SortGroup, SortGroup);
        while (runs > 1)
        {
            var kept = Math.Min(k, 2 * keep);
            var halved = (runs + 1) / 2;
            var merged = context.Workspace($"sorted {halved}", new TensorType(DataType.Int32, [2, rows.Count, halved, kept]));
            context.Dispatch(IndexingMergeRuns.Variants.Baseline)
                .Parameters(checked(new IndexingMergeRuns.Parameters { Count = (int)(rows.Count * runs * keep), Runs = (int)runs, Size = (int)keep, Keep = (int)kept, Merged = (int)(rows.Count * halved * kept) }))
                .Bind(IndexingMergeRuns.Bindings.Source, sorted)
                .Bind(IndexingMergeRuns.Bindings.Target, merged)
                .Cost(rows.Count * runs * keep * Math.Log2(keep + 1), sorted.Bytes + merged.Bytes)
                .RunLinear(rows.Count * runs * keep, SortGroup);
            (sorted, runs, keep) = (merged, halved, kept);
        }
        return sorted;
    }

    private static IReadOnlyList<Value> Import(ImportNode node, long k) => node.EmitAll("top_k", AttributeSet.Empty
        .With(K, k).With(Axis, node.Integer("axis", -1)).With(Largest, node.Integer("largest", 1) != 0), node.Input(0));
}
