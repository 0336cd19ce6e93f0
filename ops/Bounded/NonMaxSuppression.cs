using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Bounded;

/// <summary>
/// Non-maximum suppression: for each item and class the boxes with the highest scores, without those that overlap one already taken. How
/// many remain depends on data: the result has room for the largest number allowed.
/// </summary>
public sealed class NonMaxSuppression : Operator, ILowering, IImportable
{
    /// <summary>Most boxes taken for each item and class.</summary>
    public static AttributeDefinition<long> Limit { get; } = new("limit", "Most boxes taken for each item and class.", required: true) { Minimum = 0 };

    /// <summary>Overlap above which a box is dropped.</summary>
    public static AttributeDefinition<double> OverlapThreshold { get; } = new("overlap_threshold", "Boxes are dropped whose intersection with one taken is more than this part of their union.", 0.0);

    /// <summary>Score below which boxes are not looked at.</summary>
    public static AttributeDefinition<double?> ScoreThreshold { get; } = new("score_threshold", "Only boxes with a score above this are looked at; all when absent.");

    /// <summary>How boxes are written.</summary>
    public static AttributeDefinition<bool> Centres { get; } = new("centres", "Whether boxes are centre x, centre y, width, height; otherwise two opposite corners, y before x.", false);

    /// <inheritdoc/>
    public override string Name => "non_max_suppression";

    /// <inheritdoc/>
    public override string Summary => "The boxes with the highest scores of each item and class without those that overlap them: rows of item, class, box.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("boxes", "[items, boxes, 4]"), new("scores", "[items, classes, boxes]")];

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => ["selected", "count"];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Limit, OverlapThreshold, ScoreThreshold, Centres];

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } = [ImportRule.Single("NonMaxSuppression", 10, Import)];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(RealsWithin(0, 1, 2, 37, 4), RealsWithin(0, 1, 2, 3, 37)).With(Limit, 11).With(OverlapThreshold, 0.3),
        new OperatorSample(RealsWithin(0, 1, 1, 300, 4), RealsWithin(0, 1, 1, 2, 300)).With(Limit, 300).With(OverlapThreshold, 0.5).With(ScoreThreshold, 0.4).With(Centres, true),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var (boxes, scores) = (context.RequireFloat(0).Shape, context.RequireFloat(1).Shape);
        if (boxes.Rank != 3 || scores.Rank != 3 || boxes[2] != 4 || boxes[0] != scores[0] || boxes[1] != scores[2])
            context.Fail("VKN2451", $"boxes {boxes} and scores {scores} do not fit", "[items, boxes, 4] and [items, classes, boxes] are needed");
        return [new TensorType(DataType.Int64, new Shape(checked(scores[0] * scores[1] * Bound(context.Attributes, boxes)), 3)), Compaction.CountType];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ValueExtent?>? Extents(Node node) => base.Extents(node) is null ? null : [new ValueExtent(0, node.Outputs[1]), null];

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (boxes, scores, shape) = (context.Reals(0), context.Reals(1), context.ShapeOf(1));
        var (classes, count, limit) = ((int)shape[1], (int)shape[2], Bound(context.Attributes, context.ShapeOf(0)));
        var rows = new List<long>();
        for (var group = 0; group < shape[0] * classes; group++)
        {
            var item = group / classes;
            var alive = Enumerable.Range(0, count).Where(i => context.Get(ScoreThreshold) is not { } threshold || scores[group * count + i] > threshold).ToList();
            for (var taken = 0; taken < limit && alive.Count > 0; taken++)
            {
                var chosen = alive[0];
                foreach (var i in alive)
                    if (scores[group * count + i] > scores[group * count + chosen]) chosen = i;
                rows.AddRange([item, group % classes, chosen]);
                alive.RemoveAll(i => i == chosen || Overlap(item * count + chosen, item * count + i) > context.Get(OverlapThreshold));
            }
        }
        context.SetIntegers(1, [rows.Count / 3]);
        context.SetIntegers(0, [.. rows, .. new long[context.Output(0).Shape.ElementCount - rows.Count]]);

        double Overlap(int a, int b)
        {
            var (ay, ax, ah, aw) = Corners(a);
            var (by, bx, bh, bw) = Corners(b);
            var (height, width) = (Math.Min(ah, bh) - Math.Max(ay, by), Math.Min(aw, bw) - Math.Max(ax, bx));
            var (areaA, areaB) = ((ah - ay) * (aw - ax), (bh - by) * (bw - bx));
            return height > 0 && width > 0 && areaA > 0 && areaB > 0 ? height * width / (areaA + areaB - height * width) : double.NegativeInfinity;
        }

        (double Y, double X, double H, double W) Corners(int box)
        {
            var (a, b, c, d) = (boxes[4 * box], boxes[4 * box + 1], boxes[4 * box + 2], boxes[4 * box + 3]);
            return context.Get(Centres) ? (a - c / 2, b - d / 2, a + c / 2, b + d / 2) : (Math.Min(a, c), Math.Min(b, d), Math.Max(a, c), Math.Max(b, d));
        }
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (boxes, scores, output, count) = (context.Input(0), context.Input(1), context.Output(0), context.Output(1));
        context.Fill(output);
        if (output.Shape.ElementCount == 0)
        {
            context.Fill(count);
            return;
        }
        var (groups, limit) = (scores.Shape[0] * scores.Shape[1], Bound(context.Node.Attributes, boxes.Shape));
        var alive = context.Workspace("alive", new TensorType(DataType.Int32, scores.Shape));
        var selected = context.Workspace("selected", new TensorType(DataType.Int32, new Shape(groups, limit)));
        var counts = context.Workspace("counts", new TensorType(DataType.Int32, new Shape(groups)));
        context.Dispatch(context.Choose(BoundedNmsSelect.Family.Variants, boxes, scores))
            .Parameters(checked(new BoundedNmsSelect.Parameters
            {
                Groups = (int)groups, Classes = (int)scores.Shape[1], Boxes = (int)scores.Shape[2], Limit = (int)limit,
                LimitsScore = context.Get(ScoreThreshold) is null ? 0 : 1, ScoreThreshold = (float)(context.Get(ScoreThreshold) ?? 0), OverlapThreshold = (float)context.Get(OverlapThreshold),
            }))
            .Constant(BoundedNmsSelect.Constants.Centres, context.Get(Centres) ? 1 : 0)
            .Bind(BoundedNmsSelect.Bindings.Boxes, boxes)
            .Bind(BoundedNmsSelect.Bindings.Scores, scores)
            .Bind(BoundedNmsSelect.Bindings.Alive, alive)
            .Bind(BoundedNmsSelect.Bindings.Selected, selected)
            .Bind(BoundedNmsSelect.Bindings.Counts, counts)
            .Cost(16.0 * limit * scores.Shape.ElementCount, boxes.Bytes + scores.Bytes)
            .RunLinear(groups, 1);
        var offsets = Compaction.Sums(context, counts, groups, count);
        context.Dispatch(context.Choose(BoundedNmsList.Family.Variants, selected, counts, offsets))
            .Parameters(checked(new BoundedNmsList.Parameters { Groups = (int)groups, Classes = (int)scores.Shape[1], Limit = (int)limit, Rows = (int)output.Shape[0] }))
            .Bind(BoundedNmsList.Bindings.Selected, selected)
            .Bind(BoundedNmsList.Bindings.Counts, counts)
            .Bind(BoundedNmsList.Bindings.Offsets, offsets)
            .Bind(BoundedNmsList.Bindings.Result, output)
            .Cost(0, 2.0 * output.Bytes)
            .RunLinear(groups * limit, 64);
    }

    // No more boxes can be taken than there are.
    private static long Bound(AttributeSet attributes, Shape boxes) => Math.Min(attributes.Get(Limit), boxes[1]);

    private static Value Import(ImportNode node)
    {
        var attributes = AttributeSet.Empty
            .With(Limit, Math.Max(0, node.ConstantIntegers(2, "the limit of boxes")?[0] ?? 0))
            .With(OverlapThreshold, node.ConstantReals(3, "the overlap threshold")?[0] ?? 0)
            .With(Centres, node.Integer("center_point_box", 0) != 0);
        if (node.ConstantReals(4, "the score threshold") is [var threshold]) attributes = attributes.With(ScoreThreshold, threshold);
        return node.Emit("non_max_suppression", attributes, node.Input(0), node.Input(1));
    }
}
