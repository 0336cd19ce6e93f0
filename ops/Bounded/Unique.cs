using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Bounded;

/// <summary>
/// The distinct elements of a tensor, or its distinct slices along an axis. How many there are depends on data: the results have room for
/// all. Slices are compared with one another, so that the cost grows with the square of their number.
/// </summary>
public sealed class Unique : Operator, ILowering, IImportable
{
    /// <summary>The axis.</summary>
    public static AttributeDefinition<long?> Axis { get; } = new("axis", "The axis across which slices are compared; when absent, the elements of the flattened input are.");

    /// <summary>Whether the distinct ones are sorted.</summary>
    public static AttributeDefinition<bool> Sorted { get; } = new("sorted", "Whether the distinct ones come in ascending order; otherwise as they first occur.", true);

    /// <inheritdoc/>
    public override string Name => "unique";

    /// <inheritdoc/>
    public override string Summary => "The distinct elements or slices; where each first occurs, which one each slice equals, and how often each occurs.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "any shape and type")];

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => ["output", "indices", "inverse", "counts", "count"];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Axis, Sorted];

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        new ImportRule("Unique", 11, node =>
        {
            var attributes = AttributeSet.Empty.With(Sorted, node.Integer("sorted", 1) != 0);
            return [.. node.EmitAll("unique", node.Has("axis") ? attributes.With(Axis, node.Integer("axis", 0)) : attributes, node.Input(0)).Take(4)];
        }),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
        [new(Integers(-2, 2, 5, 7)), new OperatorSample(Integers(0, 1, 3, 13, 2)).With(Axis, 1L), new OperatorSample(Of(Tensor.From([2f, 1, -0f, 3, 0, 1], 6))).With(Sorted, false)];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.Input(0);
        if (context.Get(Axis) is { } given) context.Axis(given, type.Shape.Rank);
        var (shape, _, items, _) = View(context.Get(Axis), type.Shape);
        var list = new TensorType(DataType.Int64, new Shape(items));
        return [type with { Shape = shape }, list, list, list, Compaction.CountType];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ValueExtent?>? Extents(Node node)
    {
        if (base.Extents(node) is null) return null;
        var (axis, count) = ((int)(node.Get(Axis) is { } given ? given < 0 ? given + node.Inputs[0]!.Shape.Rank : given : 0), node.Outputs[4]);
        return [new ValueExtent(axis, count), new ValueExtent(0, count), null, new ValueExtent(0, count), null];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var values = context.Reals(0);
        var (_, outer, items, inner) = View(context.Get(Axis), context.ShapeOf(0));
        var first = new int[items];
        for (var item = 0; item < items; item++)
            while (first[item] < item && Compare(first[item], item) != 0) first[item]++;
        int[] distinct = [.. Enumerable.Range(0, (int)items).Where(item => first[item] == item)];
        if (context.Get(Sorted)) Array.Sort(distinct, (a, b) => Compare(a, b));
        var ranks = distinct.Select((item, rank) => (item, rank)).ToDictionary(p => p.item, p => (long)p.rank);
        var (indices, counts, source) = (new long[items], new long[items], new long[values.Length]);
        Array.Fill(indices, -1);
        for (var rank = 0; rank < distinct.Length; rank++) indices[rank] = distinct[rank];
        for (var item = 0; item < items; item++) counts[ranks[first[item]]]++;
        for (var i = 0L; i < source.Length; i++)
        {
            var (o, rank, within) = (i / inner / items, i / inner % items, i % inner);
            source[i] = rank < distinct.Length ? (o * items + distinct[rank]) * inner + within : -1;
        }
        context.Move(0, 0, source);
        context.SetIntegers(1, indices);
        context.SetIntegers(2, Array.ConvertAll(first, f => ranks[f]));
        context.SetIntegers(3, counts);
        context.SetIntegers(4, [distinct.Length]);

        int Compare(int a, int b)
        {
            for (var o = 0L; o < outer; o++)
            for (var i = 0L; i < inner; i++)
            {
                var (x, y) = (values[(o * items + a) * inner + i], values[(o * items + b) * inner + i]);
                // Not-a-number equals itself and comes last.
                if (x == y || (double.IsNaN(x) && double.IsNaN(y))) continue;
                return double.IsNaN(x) || x > y ? 1 : -1;
            }
            return 0;
        }
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var input = context.Input(0);
        var (_, outer, items, inner) = View(context.Get(Axis), input.Shape);
        if (items == 0)
        {
            context.Fill(context.Output(4));
            return;
        }
        var list = new TensorType(DataType.Int32, new Shape(items));
        var (first, ranks, repeats, places) = (context.Workspace("first", list), context.Workspace("ranks", list), context.Workspace("repeats", list), context.Workspace("places", list));
        var whole = input.Type.DataType.IsFloat() ? 0 : 1;
        context.Dispatch(context.Choose(BoundedFirstEqual.Family.Variants, input))
            .Parameters(checked(new BoundedFirstEqual.Parameters { Outer = (int)outer, Items = (int)items, Inner = (int)inner }))
            .Constant(BoundedFirstEqual.Constants.Whole, whole)
            .Bind(BoundedFirstEqual.Bindings.Source, input)
            .Bind(BoundedFirstEqual.Bindings.First, first)
            .Cost(0, input.Bytes)
            .RunLinear(items, 64);
        context.Dispatch(context.Choose(BoundedRank.Family.Variants, input, first))
            .Parameters(new BoundedRank.Parameters { Outer = (int)outer, Items = (int)items, Inner = (int)inner })
            .Constant(BoundedRank.Constants.Whole, whole)
            .Constant(BoundedRank.Constants.Sorted, context.Get(Sorted) ? 1 : 0)
            .Bind(BoundedRank.Bindings.Source, input)
            .Bind(BoundedRank.Bindings.First, first)
            .Bind(BoundedRank.Bindings.Ranks, ranks)
            .Bind(BoundedRank.Bindings.Repeats, repeats)
            .Cost(0, input.Bytes)
            .RunLinear(items, 64);
        context.Fill(places, uint.MaxValue);
        context.Fill(context.Output(3));
        context.Dispatch(context.Choose(BoundedUnique.Family.Variants, first, ranks, repeats))
            .Parameters(new BoundedUnique.Parameters { Items = (int)items })
            .Bind(BoundedUnique.Bindings.First, first)
            .Bind(BoundedUnique.Bindings.Ranks, ranks)
            .Bind(BoundedUnique.Bindings.Repeats, repeats)
            .Bind(BoundedUnique.Bindings.Places, places)
            .Bind(BoundedUnique.Bindings.Counts, context.Output(3))
            .Bind(BoundedUnique.Bindings.Inverse, context.Output(2))
            .Bind(BoundedUnique.Bindings.Total, context.Output(4))
            .Cost(0, 24.0 * items)
            .RunLinear(items, 64);
        Compaction.Take(context, input, places, context.Output(0), items, inner);
        context.Copy(places, context.Output(1));
    }

    // The result's shape, and the input as [outer, items, inner].
    private static (Shape Shape, long Outer, long Items, long Inner) View(long? axis, Shape shape)
    {
        if (axis is not { } given) return (new Shape(shape.ElementCount), 1, shape.ElementCount, 1);
        var a = (int)(given < 0 ? given + shape.Rank : given);
        return (shape, shape.Product(0, a), shape[a], shape.Product(a + 1, shape.Rank));
    }
}
