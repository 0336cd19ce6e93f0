using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Resampling;

/// <summary>Pools regions of interest whose edges are rounded to elements: every cell of a region is its maximum (Girshick, "Fast R-CNN", 2015). Cells without elements are zero.</summary>
public sealed class RoiPool : Operator, ILowering, IImportable, IExportable
{
    /// <inheritdoc/>
    public override string Name => "roi_pool";

    /// <inheritdoc/>
    public override string Summary => "Regions of interest pooled to one size: the maximum over every cell.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } =
        [new("input", "[N, C, H, W]"), new("regions", "[R, 5]: item of the batch, x and y of the first corner, x and y of the last")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [RoiAlign.OutputSize, RoiAlign.SpatialScale];

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("MaxRoiPool", 1, node => node.Emit("roi_pool",
            AttributeSet.Empty.With(RoiAlign.OutputSize, node.Integers("pooled_shape")).With(RoiAlign.SpatialScale, node.Real("spatial_scale", 1)), node.Input(0), node.Input(1))),
    ];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("MaxRoiPool", node.Inputs, ("pooled_shape", RoiAlign.Size(node.Node.Attributes)), ("spatial_scale", node.Get(RoiAlign.SpatialScale)));

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        RoiAlign.RefuseRegions(context);
        return [context.Builder.Apply("roi_pool_gradient", context.Node.Attributes, context.Upstream, context.Input(0), context.Input(1)), null];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(1, 3, 9, 11), Of(Tensor.From([0f, 0.3f, 0.4f, 7.2f, 6.6f, 0, 2, 1, 2.4f, 1.2f], 2, 5))).With(RoiAlign.OutputSize, [3, 2]),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var (type, regions) = (context.RequireFloat(0), context.RequireFloat(1));
        var shape = context.RequireRank(0, 4);
        if (regions.Shape.Rank != 2 || regions.Shape[1] != 5) context.Fail("VKN2407", $"the regions are {regions}, but [R, 5] is needed");
        var size = RoiAlign.Size(context.Attributes);
        if (size.Length != 2 || size.Any(s => s < 1)) context.Fail("VKN2407", $"the output size is [{string.Join(", ", size)}]; two positive numbers are needed");
        if (shape.ElementCount == 0 && regions.Shape[0] > 0) context.Fail("VKN2407", $"the input {type} has no elements to read");
        return [type with { Shape = new Shape(regions.Shape[0], shape[1], size[0], size[1]) }];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (input, regions, shape, output, scale) = (context.Reals(0), context.Reals(1), context.ShapeOf(0), context.Output(0).Shape, context.Get(RoiAlign.SpatialScale));
        var result = new double[output.ElementCount];
        for (var i = 0L; i < result.Length; i++)
        {
            var (column, row, channel, region) = (i % output[3], i / output[3] % output[2], i / output[3] / output[2] % output[1], i / output[3] / output[2] / output[1]);
            var item = (long)Math.Clamp(regions[5 * region], 0, shape[0] - 1);
            var (left, right) = Cell(regions[5 * region + 1], regions[5 * region + 3], scale, column, output[3], shape[3]);
            var (top, bottom) = Cell(regions[5 * region + 2], regions[5 * region + 4], scale, row, output[2], shape[2]);
            var largest = top < bottom && left < right ? double.NegativeInfinity : 0;
            for (var y = top; y < bottom; y++)
            for (var x = left; x < right; x++) largest = Math.Max(largest, input[((item * shape[1] + channel) * shape[2] + y) * shape[3] + x]);
            result[i] = largest;
        }
        context.SetReals(0, result);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (input, regions, output) = (context.Input(0), context.Input(1), context.Output(0));
        if (output.Shape.ElementCount == 0) return;
        context.Dispatch(context.Choose(ResamplingRoiPool.Family.Variants, input, regions))
            .Parameters(new ResamplingRoiPool.Parameters
            {
                Count = checked((int)output.Shape.ElementCount), Batch = (int)input.Shape[0], Channels = (int)input.Shape[1], Height = checked((int)input.Shape[2]), Width = checked((int)input.Shape[3]),
                Rows = (int)output.Shape[2], Columns = (int)output.Shape[3], Scale = (float)context.Get(RoiAlign.SpatialScale),
            })
            .Bind(ResamplingRoiPool.Bindings.Source, input)
            .Bind(ResamplingRoiPool.Bindings.Regions, regions)
            .Bind(ResamplingRoiPool.Bindings.Result, output)
            .Cost(output.Shape.ElementCount, (double)input.Bytes + output.Bytes)
            .RunLinear(output.Shape.ElementCount, 64);
    }

    /// <summary>Elements of one cell along an axis. Edges round half away from zero, and a region has one element at least.</summary>
    internal static (long Start, long End) Cell(double first, double last, double scale, long cell, long cells, long size)
    {
        var start = Math.Round(first * scale, MidpointRounding.AwayFromZero);
        var extent = Math.Max(Math.Round(last * scale, MidpointRounding.AwayFromZero) - start + 1, 1) / cells;
        return ((long)Math.Clamp(Math.Floor(cell * extent) + start, 0, size), (long)Math.Clamp(Math.Ceiling((cell + 1) * extent) + start, 0, size));
    }
}
