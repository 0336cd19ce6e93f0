using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Resampling;

/// <summary>
/// The gradient of <c>roi_align</c> in its input. With a maximum it goes to the first of the largest weighted neighbours. It is scattered; one
/// invocation owns a channel, so that sums have a fixed order. Gradient rules emit it.
/// </summary>
public sealed class RoiAlignGradient : Operator, ILowering
{
    /// <inheritdoc/>
    public override string Name => "roi_align_gradient";

    /// <inheritdoc/>
    public override string Summary => "The gradient of roi_align in its input.";

    /// <inheritdoc/>
    public override bool IsPublic => false;

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } =
        [new("upstream", "[R, C, rows, columns], the gradient of the cells"), new("input", "[N, C, H, W]"), new("regions", "[R, 4]"), new("items", "[R]")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [RoiAlign.OutputSize, RoiAlign.SamplingRatio, RoiAlign.SpatialScale, RoiAlign.Mode, RoiAlign.HalfPixel];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(5, 3, 3, 2), Reals(2, 3, 9, 11), RealsWithin(0, 9, 5, 4), IntegersOf(DataType.Int64, 0, 1, 5)).With(RoiAlign.OutputSize, [3, 2]).With(RoiAlign.SamplingRatio, 2),
        new OperatorSample(Reals(5, 3, 3, 2), Reals(2, 3, 9, 11), RealsWithin(0, 9, 5, 4), IntegersOf(DataType.Int64, 0, 1, 5)).With(RoiAlign.OutputSize, [3, 2]).With(RoiAlign.SamplingRatio, 2).With(RoiAlign.Mode, "max").With(RoiAlign.HalfPixel, false),
        new OperatorSample(Reals(4, 2, 2, 2), Reals(1, 2, 7, 5), RealsWithin(0, 7, 4, 4), IntegersOf(DataType.Int64, 0, 0, 4)).With(RoiAlign.OutputSize, [2]),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context) => [context.Input(1)];

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (upstream, input, cells) = (context.Reals(0), context.Reals(1), context.ShapeOf(0));
        var result = new double[input.Length];
        var points = new RoiPoints(context.Attributes, context.ShapeOf(1), cells, context.Reals(2), context.Integers(3));
        var isMax = context.Get(RoiAlign.Mode) == "max";
        for (var i = 0L; i < upstream.Length; i++)
        {
            var (best, bestPlace, bestWeight, count) = (double.NegativeInfinity, -1L, 0.0, points.CountOf(i));
            points.ForEach(i, (place, weight) =>
            {
                if (!isMax) result[place] += upstream[i] * weight / count;
                else if (weight * input[place] is var part && part > best) (best, bestPlace, bestWeight) = (part, place, weight);
            });
            // Points outside count as zero, which may be the largest.
            if (isMax && bestPlace >= 0 && !(best < 0 && points.HasOutside(i))) result[bestPlace] += upstream[i] * bestWeight;
        }
        context.SetReals(0, result);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (upstream, input, regions, items, output) = (context.Input(0), context.Input(1), context.Input(2), context.Input(3), context.Output(0));
        if (output.Shape.ElementCount == 0) return;
        if (upstream.Shape.ElementCount == 0)
        {
            context.Fill(output);
            return;
        }
        context.Dispatch(context.Choose(ResamplingRoiAlignGradient.Family.Variants, upstream, input, regions, items))
            .Parameters(new ResamplingRoiAlignGradient.Parameters
            {
                RegionCount = checked((int)regions.Shape[0]), Batch = (int)input.Shape[0], Channels = (int)input.Shape[1], Height = checked((int)input.Shape[2]), Width = checked((int)input.Shape[3]),
                Rows = (int)upstream.Shape[2], Columns = (int)upstream.Shape[3], Ratio = (int)Math.Min(context.Get(RoiAlign.SamplingRatio), int.MaxValue), Scale = (float)context.Get(RoiAlign.SpatialScale),
            })
            .Constant(ResamplingRoiAlignGradient.Constants.Maximum, context.Get(RoiAlign.Mode) == "max" ? 1 : 0)
            .Constant(ResamplingRoiAlignGradient.Constants.HalfPixel, context.Get(RoiAlign.HalfPixel) ? 1 : 0)
            .Bind(ResamplingRoiAlignGradient.Bindings.Upstream, upstream)
            .Bind(ResamplingRoiAlignGradient.Bindings.Source, input)
            .Bind(ResamplingRoiAlignGradient.Bindings.Regions, regions)
            .Bind(ResamplingRoiAlignGradient.Bindings.Items, items)
            .Bind(ResamplingRoiAlignGradient.Bindings.Result, output)
            .Cost(8.0 * upstream.Shape.ElementCount, (double)input.Bytes + output.Bytes + upstream.Bytes)
            .RunLinear(input.Shape[0] * input.Shape[1], 64);
    }
}
