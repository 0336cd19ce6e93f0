using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Losses;

/// <summary>What the losses of distances between rows share.</summary>
internal static class DistanceKernels
{
    private const int GroupSize = 64;

    /// <summary>Checks that inputs 0 to <paramref name="count"/> - 1 are rows of one type; returns the shape without the last axis.</summary>
    public static Shape Check(InferenceContext context, int count)
    {
        var type = context.RequireFloat(0);
        if (type.Shape.Rank == 0) context.Fail("VKN2250", "a scalar has no axis of features");
        for (var i = 1; i < count; i++)
            if (context.Input(i) != type) context.Fail("VKN2255", $"'{context.Operator.InputName(i)}' is {context.Input(i)}, but '{context.Operator.InputName(0)}' is {type}", "all must be of one type");
        return type.Shape.Slice(0, type.Shape.Rank - 1);
    }

    /// <summary>The sum of squared differences of a row.</summary>
    public static double SquaredDistance(double[] a, double[] b, long row, long extent)
    {
        var sum = 0.0;
        for (var i = row * extent; i < (row + 1) * extent; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
        return sum;
    }

    /// <summary>Stores losses of rows as the reduction says.</summary>
    public static void Store(HostContext context, double[] losses)
    {
        switch (context.Get(ClassLabels.Reduction))
        {
            case "none": context.SetReals(0, losses); break;
            case "sum": context.SetReals(0, [losses.Sum()]); break;
            default: context.SetReals(0, [losses.Sum() / losses.Length]); break;
        }
    }

    /// <summary>Writes the calls.</summary>
    /// <param name="context">The node; inputs 0 and 1 are the first two rows, output 0 takes the loss.</param>
    /// <param name="third">The third rows, for triplets.</param>
    /// <param name="same">Which pairs are of one kind, for pairs.</param>
    /// <param name="margin">The margin.</param>
    public static void Run(LoweringContext context, DeviceTensor? third, DeviceTensor? same, double margin)
    {
        var (first, output) = (context.Input(0), context.Output(0));
        var rows = AxisRows.Of(first.Shape, -1);
        var reduction = context.Get(ClassLabels.Reduction);
        var reduced = reduction != "none";
        if (rows.Count == 0)
        {
            if (reduced) context.Fill(output, reduction == "mean" ? BitConverter.SingleToUInt32Bits(float.NaN) : 0);
            return;
        }
        var kernel = context.Choose(LossDistanceMeasure.Family.Variants, first);
        var (_, aligned, lanes, units) = rows.Arrange(kernel);
        var groups = (units * lanes + GroupSize - 1) / GroupSize;
        var result = reduced && groups > 1 ? context.Workspace("totals", TensorType.Float(groups, 2)) : output;
        context.Dispatch(kernel)
            .Parameters(checked(new LossDistanceMeasure.Parameters
            {
                Units = (int)units, Extent = (int)rows.Extent, Groups = (int)groups, Reduced = reduced ? 1 : 0, Share = reduction == "mean" ? 1f / rows.Count : 1f, Margin = (float)margin,
            }))
            .Constant(LossDistanceMeasure.Constants.Vector, 1)
            .Constant(LossDistanceMeasure.Constants.AlignedRows, aligned)
            .Constant(LossDistanceMeasure.Constants.Lanes, lanes)
            .Constant(LossDistanceMeasure.Constants.Triplet, third is null ? 0 : 1)
            .Bind(LossDistanceMeasure.Bindings.First, first)
            .Bind(LossDistanceMeasure.Bindings.Second, context.Input(1))
            .Bind(LossDistanceMeasure.Bindings.Third, third ?? first)
            .Bind(LossDistanceMeasure.Bindings.Same, same ?? first)
            .Bind(LossDistanceMeasure.Bindings.Result, result)
            .Cost(3.0 * first.Shape.ElementCount, 2.0 * first.Bytes)
            .RunLinear(units * lanes, GroupSize);
        if (result != output) ClassKernels.Totals(context, result, output, groups, isMean: false);
    }

    /// <summary>The upstream gradient of every row, [..., 1], or of all rows; what a mean divides by is divided out.</summary>
    public static Formula RowGradient(GradientContext context)
    {
        var shape = context.Input(0).Shape;
        var upstream = Formula.Of(context, context.Upstream);
        return context.Node.Get(ClassLabels.Reduction) switch
        {
            "none" => Keep(upstream, shape),
            "mean" => upstream * (1.0 / shape.Product(0, shape.Rank - 1)),
            _ => upstream,
        };
    }

    /// <summary>One element per row as [..., 1].</summary>
    public static Formula Keep(Formula perRow, Shape shape) =>
        perRow.Apply("reshape", AttributeSet.Empty.With(Layout.Reshape.Shape, shape.With(shape.Rank - 1, 1).ToArray()).With(Layout.Reshape.AllowZero, true));
}
