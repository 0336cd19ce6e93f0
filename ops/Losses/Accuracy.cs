using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Losses;

/// <summary>
/// The share of rows whose label has the largest score, or one of the <c>top</c> largest. Of equal scores the first counts as the larger;
/// NaN is larger than any number. A label that is no class is never right.
/// </summary>
public sealed class Accuracy : Operator, ILowering, IMergesCalls
{
    /// <summary>Among how many best scores the label's must be.</summary>
    public static AttributeDefinition<long> Top { get; } = new("top", "Among how many best scores the label's must be.", 1) { Minimum = 1 };

    /// <inheritdoc/>
    public override string Name => "accuracy";

    /// <inheritdoc/>
    public override string Summary => "The share of rows whose label has the largest score (or one of the 'top' largest): a scalar from 0 to 1.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("logits", "[N, C, ...]: a score for every class"), new("labels", "[N, ...]: the scores' shape without the axis of classes, whole numbers")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [ClassLabels.Axis, Top, ClassLabels.IgnoreIndex];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(Reals(7, 10), Integers(0, 9, 7)), new OperatorSample(Reals(500, 37), Integers(0, 36, 500)).With(Top, 5), new OperatorSample(Reals(3, 5, 8), Integers(0, 4, 3, 8)).With(ClassLabels.IgnoreIndex, 2),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context) => [ClassLabels.Check(context, 0) with { Shape = Shape.Scalar }];

    /// <inheritdoc/>
    public override void Evaluate(HostContext context) => context.SetReals(0, [Share(context, 0)]);

    /// <summary>The share of rows that are right, on the host.</summary>
    /// <param name="context">The node.</param>
    /// <param name="first">Which input holds the scores; the labels follow.</param>
    internal static double Share(HostContext context, int first)
    {
        var rows = AxisRows.Of(context.ShapeOf(first), context.Get(ClassLabels.Axis));
        var (scores, labels, ignored, top) = (context.Reals(first), context.Integers(first + 1), context.Get(ClassLabels.IgnoreIndex), context.Get(Top));
        long right = 0, counted = 0;
        for (var row = 0L; row < rows.Count; row++)
        {
            var label = labels[row];
            if (label == ignored) continue;
            counted++;
            if (label < 0 || label >= rows.Extent) continue;
            var own = scores[rows.Place(row, label)];
            var ahead = 0L;
            for (var i = 0L; i < rows.Extent; i++)
            {
                var score = scores[rows.Place(row, i)];
                var isSame = score == own || (double.IsNaN(score) && double.IsNaN(own));
                if (isSame ? i < label : score > own || (double.IsNaN(score) && !double.IsNaN(own))) ahead++;
            }
            if (ahead < top) right++;
        }
        return (double)right / counted;
    }

    /// <inheritdoc/>
    public override OperatorCost Cost(Node node) => new(node.Inputs[0]!.Shape.ElementCount, 4.0 * node.Inputs[0]!.Shape.ElementCount);

    /// <inheritdoc/>
    public void Lower(LoweringContext context) =>
        ClassKernels.Measure(context, ClassMeasure.Correct, context.Input(0), context.Input(1), null, context.Output(0), ClassReduction.Mean, top: context.Get(Top));

    /// <summary>What the merged call of a loss with its gradient is found by.</summary>
    public object? MergingKey(Node node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return ClassLossStep.KeyOf(node, 0);
    }

    /// <inheritdoc/>
    public IEnumerable<MergedCall> Merge(IReadOnlyList<Node> nodes) => ClassLossStep.Of(nodes);
}
