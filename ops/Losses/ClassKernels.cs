using VkNet.Compilation;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Losses;

/// <summary>Writes the calls of the kernels that compare class scores with labels.</summary>
internal static class ClassKernels
{
    private const int GroupSize = 64;

    /// <summary>Measures every row, and reduces the measures.</summary>
    /// <param name="context">The node.</param>
    /// <param name="measure">What is measured.</param>
    /// <param name="scores">The scores.</param>
    /// <param name="labels">One label per row; not read for soft targets.</param>
    /// <param name="weights">One factor per class, null for none; soft targets.</param>
    /// <param name="result">One element per row, or one in all.</param>
    /// <param name="reduction">What is made of the measures.</param>
    /// <param name="margin">Of hinges.</param>
    /// <param name="top">Of correctness: among how many best.</param>
    public static void Measure(LoweringContext context, ClassMeasure measure, DeviceTensor scores, DeviceTensor labels, DeviceTensor? weights, DeviceTensor result, ClassReduction reduction, double margin = 0, long top = 1)
    {
        var rows = AxisRows.Of(scores.Shape, context.Get(ClassLabels.Axis));
        if (rows.Count == 0)
        {
            if (reduction != ClassReduction.None) context.Fill(result, reduction == ClassReduction.Sum ? 0 : BitConverter.SingleToUInt32Bits(float.NaN));
            return;
        }
        var kernel = context.Choose(LossClassMeasure.Family.Variants, scores);
        var (vector, aligned, lanes, units) = rows.Arrange(kernel);
        // What looks at one score per row needs no company.
        if (measure is ClassMeasure.Negative or ClassMeasure.Weight) lanes = 1;
        var ignored = context.Get(ClassLabels.IgnoreIndex);
        var groups = reduction == ClassReduction.None ? 1 : (units * lanes + GroupSize - 1) / GroupSize;
        var target = groups == 1 ? result : context.Workspace("totals", TensorType.Float(groups, 2));
        context.Dispatch(kernel)
            .Parameters(checked(new LossClassMeasure.Parameters
            {
                Units = (int)units, Extent = (int)rows.Extent, Inner = (int)rows.Inner, Weighted = weights is null || measure == ClassMeasure.Soft ? 0 : 1, Ignores = CanIgnore(ignored) ? 1 : 0, Ignored = IgnoredNumber(ignored), Reduce = (int)reduction,
                Groups = (int)groups, Top = (int)Math.Min(top, rows.Extent), Margin = (float)margin,
            }))
            .Constant(LossClassMeasure.Constants.Vector, vector)
            .Constant(LossClassMeasure.Constants.AlignedRows, aligned)
            .Constant(LossClassMeasure.Constants.Lanes, lanes)
            .Constant(LossClassMeasure.Constants.Measure, (long)measure)
            .Bind(LossClassMeasure.Bindings.Scores, scores)
            .Bind(LossClassMeasure.Bindings.Labels, labels)
            .Bind(LossClassMeasure.Bindings.Weights, weights ?? scores)
            .Bind(LossClassMeasure.Bindings.Result, target)
            .Cost(5.0 * scores.Shape.ElementCount, scores.Bytes)
            .RunLinear(units * lanes, GroupSize);
        if (groups > 1) Totals(context, target, result, groups, reduction == ClassReduction.Mean);
    }

    /// <summary>Adds up what the workgroups of a loss kernel have found.</summary>
    /// <param name="context">The node.</param>
    /// <param name="pairs">A measure and a weight of every workgroup.</param>
    /// <param name="result">One number.</param>
    /// <param name="groups">Number of pairs.</param>
    /// <param name="isMean">Whether the sum of measures is divided by the sum of weights.</param>
    public static void Totals(LoweringContext context, DeviceTensor pairs, DeviceTensor result, long groups, bool isMean) =>
        context.Dispatch(context.Choose(LossTotals.Family.Variants, pairs))
            .Parameters(checked(new LossTotals.Parameters { Count = (int)groups }))
            .Constant(LossTotals.Constants.Mean, isMean ? 1 : 0)
            .Bind(LossTotals.Bindings.Pairs, pairs)
            .Bind(LossTotals.Bindings.Result, result)
            .Cost(2.0 * groups, 8.0 * groups)
            .Run(1);

    /// <summary>The gradient of a loss in its scores.</summary>
    /// <param name="context">The node; output 0 takes the gradient.</param>
    /// <param name="measure">The loss.</param>
    /// <param name="upstream">The gradient of the result: one element per row, or one in all.</param>
    /// <param name="scores">The scores.</param>
    /// <param name="labels">One label per row; not read for soft targets.</param>
    /// <param name="weights">One factor per class, null for none; soft targets.</param>
    /// <param name="reduction">What was made of the rows' losses.</param>
    /// <param name="margin">Of hinges.</param>
    /// <param name="loss">Takes the reduced loss; null where it is not wanted.</param>
    /// <param name="accuracy">Takes the share of rows that are right; null where it is not wanted.</param>
    /// <param name="top">Of correctness: among how many best.</param>
    public static void Gradient(LoweringContext context, ClassMeasure measure, DeviceTensor upstream, DeviceTensor scores, DeviceTensor labels, DeviceTensor? weights, ClassReduction reduction, double margin,
        DeviceTensor? loss = null, DeviceTensor? accuracy = null, long top = 1)
    {
        var output = context.Output(0);
        if (output.Shape.ElementCount == 0) return;
        var rows = AxisRows.Of(scores.Shape, context.Get(ClassLabels.Axis));
        var ignored = context.Get(ClassLabels.IgnoreIndex);
        // A mean's divisor is the number of rows, unless labels decide what each of them weighs.
        DeviceTensor? total = null;
        if (reduction == ClassReduction.Mean && measure != ClassMeasure.Soft && (weights is not null || CanIgnore(ignored)))
        {
            total = context.Workspace("weight", TensorType.Float());
            Measure(context, ClassMeasure.Weight, scores, labels, weights, total, ClassReduction.Sum);
        }
        var kernel = context.Choose(LossClassGradient.Family.Variants, scores);
        var (vector, aligned, lanes, units) = rows.Arrange(kernel);
        var groups = (units * lanes + GroupSize - 1) / GroupSize;
        DeviceTensor? Totals(DeviceTensor? result, string purpose) => result is null || groups == 1 ? result : context.Workspace(purpose, TensorType.Float(groups, 2));
        var (losses, correct) = (Totals(loss, "totals of the loss"), Totals(accuracy, "totals of what is right"));
        context.Dispatch(kernel)
            .Parameters(checked(new LossClassGradient.Parameters
            {
                Units = (int)units, Extent = (int)rows.Extent, Inner = (int)rows.Inner, Weighted = weights is null || measure == ClassMeasure.Soft ? 0 : 1, Ignores = CanIgnore(ignored) ? 1 : 0, Ignored = IgnoredNumber(ignored),
                PerRow = reduction == ClassReduction.None ? 1 : 0, Divided = total is null ? 0 : 1, Margin = (float)margin,
                Share = reduction == ClassReduction.Mean && total is null ? 1f / rows.Count : 1f, Reduce = (int)reduction, Groups = (int)groups, Top = (int)Math.Min(top, rows.Extent),
            }))
            .Constant(LossClassGradient.Constants.Vector, vector)
            .Constant(LossClassGradient.Constants.AlignedRows, aligned)
            .Constant(LossClassGradient.Constants.Lanes, lanes)
            .Constant(LossClassGradient.Constants.Measure, (long)measure)
            .Constant(LossClassGradient.Constants.Measures, (loss is null ? 0 : 1) + (accuracy is null ? 0 : 2))
            .Bind(LossClassGradient.Bindings.Scores, scores)
            .Bind(LossClassGradient.Bindings.Labels, labels)
            .Bind(LossClassGradient.Bindings.Weights, weights ?? scores)
            .Bind(LossClassGradient.Bindings.Upstream, upstream)
            .Bind(LossClassGradient.Bindings.Total, total ?? scores)
            .Bind(LossClassGradient.Bindings.Result, output)
            .Bind(LossClassGradient.Bindings.Loss, losses ?? output)
            .Bind(LossClassGradient.Bindings.Correct, correct ?? output)
            .Cost(8.0 * output.Shape.ElementCount, scores.Bytes + output.Bytes)
            .RunLinear(units * lanes, GroupSize);
        if (groups == 1) return;
        if (loss is not null) ClassKernels.Totals(context, losses!, loss, groups, reduction == ClassReduction.Mean);
        if (accuracy is not null) ClassKernels.Totals(context, correct!, accuracy, groups, isMean: true);
    }

    // A label that 32 bits cannot hold never stands in a device tensor.
    private static bool CanIgnore(long? ignored) => ignored is >= int.MinValue and <= int.MaxValue;

    private static int IgnoredNumber(long? ignored) => CanIgnore(ignored) ? (int)ignored!.Value : 0;
}
