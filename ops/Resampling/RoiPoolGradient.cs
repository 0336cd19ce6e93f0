using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Resampling;

/// <summary>
/// The gradient of <c>roi_pool</c> in its input: that of a cell goes to the first of its largest elements. It is scattered; one invocation owns
/// a channel, so that sums have a fixed order. Gradient rules emit it.
/// </summary>
public sealed class RoiPoolGradient : Operator, ILowering
{
    /// <inheritdoc/>
    public override string Name => "roi_pool_gradient";

    /// <inheritdoc/>
    public override string Summary => "The gradient of roi_pool in its input.";

    /// <inheritdoc/>
    public override bool IsPublic => false;

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } =
        [new("upstream", "[R, C, rows, columns], the gradient of the cells"), new("input", "[N, C, H, W]"), new("regions", "[R, 5]")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [RoiAlign.OutputSize, RoiAlign.SpatialScale];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(2, 3, 3, 2), Reals(1, 3, 9, 11), Of(Tensor.From([0f, 0.3f, 0.4f, 7.2f, 6.6f, 0, 2, 1, 2.4f, 1.2f], 2, 5))).With(RoiAlign.OutputSize, [3, 2]),
        new OperatorSample(Reals(3, 2, 2, 2), Reals(2, 2, 5, 7), Of(Tensor.From([1f, 0, 0, 6, 4, 0, 3, 1, 9, 9, 1, -3, -3, 1, 2], 3, 5))).With(RoiAlign.OutputSize, [2]).With(RoiAlign.SpatialScale, 0.75),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context) => [context.Input(1)];

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (upstream, input, regions, shape, cells, scale) = (context.Reals(0), context.Reals(1), context.Reals(2), context.ShapeOf(1), context.ShapeOf(0), context.Get(RoiAlign.SpatialScale));
        var result = new double[input.Length];
        for (var i = 0L; i < upstream.Length; i++)
        {
            var (column, row, channel, region) = (i % cells[3], i / cells[3] % cells[2], i / cells[3] / cells[2] % cells[1], i / cells[3] / cells[2] / cells[1]);
            var item = (long)Math.Clamp(regions[5 * region], 0, shape[0] - 1);
            var (left, right) = RoiPool.Cell(regions[5 * region + 1], regions[5 * region + 3], scale, column, cells[3], shape[3]);
            var (top, bottom) = RoiPool.Cell(regions[5 * region + 2], regions[5 * region + 4], scale, row, cells[2], shape[2]);
            var (largest, target) = (double.NegativeInfinity, -1L);
            for (var y = top; y < bottom; y++)
                for (var x = left; x < right; x++)
                    if (((item * shape[1] + channel) * shape[2] + y) * shape[3] + x is var place && input[place] > largest) (largest, target) = (input[place], place);
            if (target >= 0) result[target] += upstream[i];
        }
        context.SetReals(0, result);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (upstream, input, regions, output) = (context.Input(0), context.Input(1), context.Input(2), context.Output(0));
        if (output.Shape.ElementCount == 0) return;
        if (upstream.Shape.ElementCount == 0)
        {
            context.Fill(output);
            return;
        }
        context.Dispatch(context.Choose(ResamplingRoiPoolGradient.Family.Variants, upstream, input, regions))
            .Parameters(new ResamplingRoiPoolGradient.Parameters
            {
                RegionCount = checked((int)regions.Shape[0]), Batch = (int)input.Shape[0], Channels = (int)input.Shape[1], Height = checked((int)input.Shape[2]), Width = checked((int)input.Shape[3]),
                Rows = (int)upstream.Shape[2], Columns = (int)upstream.Shape[3], Scale = (float)context.Get(RoiAlign.SpatialScale),
            })
            .Bind(ResamplingRoiPoolGradient.Bindings.Upstream, upstream)
            .Bind(ResamplingRoiPoolGradient.Bindings.Source, input)
            .Bind(ResamplingRoiPoolGradient.Bindings.Regions, regions)
            .Bind(ResamplingRoiPoolGradient.Bindings.Result, output)
            .Cost(upstream.Shape.ElementCount, (double)input.Bytes + output.Bytes + upstream.Bytes)
            .RunLinear(input.Shape[0] * input.Shape[1], 64);
    }
}
