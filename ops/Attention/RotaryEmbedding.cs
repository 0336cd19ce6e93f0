using VkNet.Graphs;
using VkNet.Operators.Gemm;
using VkNet.Operators.Import;
using VkNet.Operators.Layout;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Attention;

/// <summary>
/// Rotary position embedding (Su et al., 2021): pairs of numbers of a head are turned by angles that grow with the position, so that products
/// of queries and keys depend on the distance between them.
/// </summary>
public sealed class RotaryEmbedding : CompositeOperator, IImportable
{
    private const int Cosines = 1, Sines = 2, Positions = 3;

    /// <summary>Heads that share the last axis.</summary>
    public static AttributeDefinition<long> Heads { get; } = new("heads", "Heads that share the last axis; needed for three axes.", 0) { Minimum = 1 };

    /// <summary>How much of a head is turned.</summary>
    public static AttributeDefinition<long> Dimensions { get; } = new("dimensions", "How many numbers of a head are turned; 0 for all.", 0) { Minimum = 0 };

    /// <summary>Which numbers are pairs.</summary>
    public static AttributeDefinition<bool> Interleaved { get; } = new("interleaved", "Whether neighbours are pairs; else each number of the first half and the one of the second half at its place.", false);

    /// <summary>Base of the angles.</summary>
    public static AttributeDefinition<double> Base { get; } = new("base", "Pair i of d turns by position * base^(-i / d), where no tables are given.", 10000.0);

    /// <summary>Rows of the tables made here.</summary>
    public static AttributeDefinition<long> Length { get; } = new("length", "Positions that may occur, where 'positions' but no tables are given.", 0) { Minimum = 0 };

    /// <inheritdoc/>
    public override string Name => "rotary_embedding";

    /// <inheritdoc/>
    public override string Summary => "Rotary position embedding: pairs of numbers of a head turned by angles that grow with the position.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } =
    [
        new("input", "[N, T, H D] or [N, H, T, D]"),
        new("cosines", "[positions, D / 2], or [N, T, D / 2] without 'positions'; made from 'base' when absent") { Optional = true },
        new("sines", "as the cosines") { Optional = true },
        new("positions", "[N, T] whole numbers; 0, 1, 2 ... when absent") { Optional = true },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Heads, Dimensions, Interleaved, Base, Length];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } = [ImportRule.Single("RotaryEmbedding", 23, Import)];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(2, 5, 24)).With(Heads, 3).With(Interleaved, true),
        new OperatorSample(Reals(2, 3, 5, 10), null, null, Integers(0, 6, 2, 5)).With(Length, 7).With(Dimensions, 6),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var input = context.RequireFloat(0);
        var shape = input.Shape;
        if (shape.Rank is not (3 or 4)) context.Fail("VKN2767", $"the input is {input}, but three or four axes are needed", "[N, T, H D] or [N, H, T, D]");
        if (shape.Rank == 3 && (context.Get(Heads) < 1 || shape[2] % context.Get(Heads) != 0)) context.Fail("VKN2767", $"the input {input} does not divide into {context.Get(Heads)} heads", "say how many heads share the last axis, e.g. heads: 8");
        var (head, steps) = shape.Rank == 3 ? (shape[2] / context.Get(Heads), shape[1]) : (shape[3], shape[2]);
        var turned = context.Get(Dimensions) is > 0 and var given ? given : head;
        if (turned > head || turned % 2 != 0) context.Fail("VKN2768", $"{turned} numbers of a head of {head} cannot be turned in pairs", "an even number, not above the size of a head");
        if (context.Has(Cosines) != context.Has(Sines)) context.Fail("VKN2769", "one of 'cosines' and 'sines' is given without the other");
        if (context.Has(Positions) && context.ShapeOf(Positions) != new Shape(shape[0], steps)) context.Fail("VKN2769", $"the positions have shape {context.ShapeOf(Positions)}, but [{shape[0]}, {steps}] is needed");
        if (context.Has(Positions) && !context.Has(Cosines) && context.Get(Length) < 1) context.Fail("VKN2769", "'positions' is given without tables and without 'length'", "say how many positions may occur, e.g. length: 1024");
        if (context.Has(Cosines) && (context.ShapeOf(Cosines) != context.ShapeOf(Sines) || context.ShapeOf(Cosines).Rank != (context.Has(Positions) ? 2 : 3) || context.ShapeOf(Cosines)[-1] != turned / 2))
            context.Fail("VKN2769", $"the tables are {context.Input(Cosines)} and {context.Input(Sines)}, but {turned / 2} angles are needed", Inputs[Cosines].Summary);
        var rows = context.Has(Positions) ? context.Get(Length) : steps;
        if (!context.Has(Cosines) && rows > Math.Min(Limits.MaximumTensorBytes / sizeof(float), Array.MaxLength) / Math.Max(turned / 2, 1))
            context.Fail("VKN2769", $"a table of {rows} positions with {turned / 2} angles each is larger than any tensor may be", "say how many positions may occur with 'length'; a program can raise the cap in VkNet.Limits");
        return [input];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value> Decompose(DecompositionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (builder, input) = (context.Builder, context.Input(0));
        var isFlat = input.Shape.Rank == 3;
        // [N, T, H, D]: a row of the tables then serves all heads of its place.
        var x = isFlat
            ? Views.To(builder, input, [input.Shape[0], input.Shape[1], context.Get(Heads), input.Shape[2] / context.Get(Heads)])
            : input;
        var (batch, steps, head) = (x.Shape[0], x.Shape[isFlat ? 1 : 2], x.Shape[3]);
        var turned = context.Get(Dimensions) is > 0 and var given ? given : head;
        var pairs = turned / 2;
        var (cosines, sines) = (Table(context, Cosines, Math.Cos, batch, steps, pairs, isFlat), Table(context, Sines, Math.Sin, batch, steps, pairs, isFlat));
        var part = Cut(context, x, 3, 0, turned, head);
        Formula first, second;
        if (context.Get(Interleaved))
        {
            var paired = Views.To(builder, part, [part.Shape[0], part.Shape[1], part.Shape[2], pairs, 2]);
            Shape single = [part.Shape[0], part.Shape[1], part.Shape[2], pairs];
            (first, second) = (Formula.Of(builder, Views.To(builder, Cut(context, paired, 4, 0, 1, 2), single)), Formula.Of(builder, Views.To(builder, Cut(context, paired, 4, 1, 2, 2), single)));
        }
        else (first, second) = (Formula.Of(builder, Cut(context, part, 3, 0, pairs, turned)), Formula.Of(builder, Cut(context, part, 3, pairs, turned, turned)));
        var (real, imaginary) = (first * cosines - second * sines, first * sines + second * cosines);
        Value result;
        if (context.Get(Interleaved))
        {
            Shape single = [part.Shape[0], part.Shape[1], part.Shape[2], pairs, 1];
            result = Views.To(builder, context.Apply("concat", AttributeSet.Empty.With(Concat.Axis, 4), Views.To(builder, real, single), Views.To(builder, imaginary, single)), part.Shape);
        }
        else result = context.Apply("concat", AttributeSet.Empty.With(Concat.Axis, 3), real, imaginary);
        if (turned < head) result = context.Apply("concat", AttributeSet.Empty.With(Concat.Axis, 3), result, Cut(context, x, 3, turned, head, head));
        return [Views.To(builder, result, input.Shape)];
    }

    // The angles' cosines or sines, shaped to broadcast over the heads.
    private static Formula Table(DecompositionContext context, int index, Func<double, double> function, long batch, long steps, long pairs, bool isFlat)
    {
        var builder = context.Builder;
        var table = context.Find(index);
        if (table is null)
        {
            var rows = context.Has(Positions) ? context.Get(Length) : steps;
            var values = new float[rows * pairs];
            for (var i = 0; i < values.Length; i++) values[i] = (float)function(i / pairs * Math.Pow(context.Get(Base), -(double)(i % pairs) / pairs));
            table = builder.Constant(Tensor.From(new TensorType(DataType.Float32, [rows, pairs]), values), null, context.Location);
        }
        var isShared = !context.Has(Positions) && table.Shape.Rank == 2;
        if (context.Has(Positions)) table = context.Apply("gather", AttributeSet.Empty.With("axis", 0L), table, context.Find(Positions));
        var entries = isShared ? 1 : batch;
        return Formula.Of(builder, Views.To(builder, table, isFlat ? [entries, steps, 1, pairs] : [entries, 1, steps, pairs]));
    }

    private static Value Cut(DecompositionContext context, Value value, long axis, long start, long end, long size) => start == 0 && end == size ? value
        : context.Apply("slice", AttributeSet.Empty.With(Slice.Starts, [start]).With(Slice.Ends, [end]).With(Slice.Axes, [axis]), value);

    // X, cos_cache, sin_cache, position_ids
    private static Value Import(ImportNode node)
    {
        var attributes = AttributeSet.Empty.With(Interleaved, node.Integer("interleaved", 0) != 0).With(Dimensions, node.Integer("rotary_embedding_dim", 0));
        if (node.Integer("num_heads", 0) is > 0 and var heads) attributes = attributes.With(Heads, heads);
        return node.Emit("rotary_embedding", attributes, node.Input(0), node.Input(1), node.Input(2), node.HasInput(3) ? node.Input(3) : null);
    }
}
