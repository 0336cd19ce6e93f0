using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Selection;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Resampling;

/// <summary>
/// Pools regions of interest without rounding their edges (He et al., "Mask R-CNN", 2017): every cell of a region is the mean, or maximum, of
/// points read by linear interpolation. As ONNX defines it, the maximum is taken over the four weighted neighbours of every point.
/// </summary>
public sealed class RoiAlign : Operator, ILowering, IImportable, IExportable
{
    /// <summary>Cells of a region.</summary>
    public static AttributeDefinition<long[]> OutputSize { get; } = new("output_size", "Cells of a region: rows and columns.", [1, 1]) { Minimum = 1, ScalarAllowed = true };

    /// <summary>Points read in every cell along each axis.</summary>
    public static AttributeDefinition<long> SamplingRatio { get; } = new("sampling_ratio", "Points read in every cell along each axis; 0: as many as the cell has elements, rounded up (at most twice the input's size).", 0L) { Minimum = 0 };

    /// <summary>Elements per unit of the regions' coordinates.</summary>
    public static AttributeDefinition<double> SpatialScale { get; } = new("spatial_scale", "Elements of the input per unit of the regions' coordinates.", 1.0);

    /// <summary>What is made of the points.</summary>
    public static AttributeDefinition<string> Mode { get; } = new("mode", "What is made of the points of a cell.", "avg") { Choices = ["avg", "max"] };

    /// <summary>Whether coordinates are shifted by half an element.</summary>
    public static AttributeDefinition<bool> HalfPixel { get; } = new("half_pixel", "Whether coordinates are shifted by half an element, so that the centre of the first element lies at 0.5; otherwise regions are at least one element large.", true);

    /// <inheritdoc/>
    public override string Name => "roi_align";

    /// <inheritdoc/>
    public override string Summary => "Regions of interest resampled to one size: cells average (or take the maximum of) points read by linear interpolation.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } =
    [
        new("input", "[N, C, H, W]"), new("regions", "[R, 4]: x and y of the first corner, then of the last"), new("items", "[R], whole numbers: which item of the batch a region lies in"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [OutputSize, SamplingRatio, SpatialScale, Mode, HalfPixel];

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("RoiAlign", 16, node => Import(node, node.Text("coordinate_transformation_mode", "half_pixel") == "half_pixel")),
        ImportRule.Single("RoiAlign", 10, node => Import(node, false)) with { UntilVersion = 15 },
    ];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        RefuseRegions(context);
        return [context.Builder.Apply("roi_align_gradient", context.Node.Attributes, context.Upstream, context.Input(0), context.Input(1), context.Input(2)), null, null];
    }

    /// <summary>Regions say where is read; they have no gradient rule.</summary>
    internal static void RefuseRegions(GradientContext context)
    {
        if (context.Needed[1])
            throw new VkNetException("VKN5001", $"{context.Node.Operator.Name} '{context.Node.Name}' has no gradient rule for its regions", "cut the path with stop_gradient", context.Node.Location);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(2, 3, 9, 11), RealsWithin(0, 9, 5, 4), IntegersOf(DataType.Int64, 0, 1, 5)).With(OutputSize, [3, 2]).With(SamplingRatio, 2),
        new OperatorSample(Reals(2, 3, 9, 11), RealsWithin(0, 9, 5, 4), IntegersOf(DataType.Int64, 0, 1, 5)).With(OutputSize, [3, 2]).With(SamplingRatio, 2).With(Mode, "max").With(HalfPixel, false),
    ];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("RoiAlign",
        [node.Inputs[0], node.Inputs[1], node.TypeOf(2).DataType == DataType.Int64 ? node.Inputs[2] : node.Step("Cast", [node.Inputs[2]], ("to", OnnxElementType.FromDataType(DataType.Int64)))],
        ("output_height", Size(node.Node.Attributes)[0]), ("output_width", Size(node.Node.Attributes)[1]), ("sampling_ratio", node.Get(SamplingRatio)), ("spatial_scale", node.Get(SpatialScale)),
        ("mode", node.Get(Mode)!), ("coordinate_transformation_mode", node.Get(HalfPixel) ? "half_pixel" : "output_half_pixel"));

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var (type, regions, items) = (context.RequireFloat(0), context.RequireFloat(1), context.Input(2));
        var shape = context.RequireRank(0, 4);
        if (regions.Shape.Rank != 2 || regions.Shape[1] != 4) context.Fail("VKN2407", $"the regions are {regions}, but [R, 4] is needed");
        if (!items.DataType.IsInteger() || items.Shape != new Shape(regions.Shape[0])) context.Fail("VKN2407", $"the items are {items}, but {regions.Shape[0]} whole numbers are needed");
        var size = Size(context.Attributes);
        if (size.Length != 2 || size.Any(s => s < 1)) context.Fail("VKN2407", $"the output size is [{string.Join(", ", size)}]; two positive numbers are needed");
        if (shape.ElementCount == 0 && regions.Shape[0] > 0) context.Fail("VKN2407", $"the input {type} has no elements to read");
        return [type with { Shape = new Shape(regions.Shape[0], shape[1], size[0], size[1]) }];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (input, regions, items, shape, output) = (context.Reals(0), context.Reals(1), context.Integers(2), context.ShapeOf(0), context.Output(0).Shape);
        var (height, width, isMax) = (shape[2], shape[3], context.Get(Mode) == "max");
        var (scale, shift, ratio) = (context.Get(SpatialScale), context.Get(HalfPixel) ? 0.5 : 0, context.Get(SamplingRatio));
        var result = new double[output.ElementCount];
        for (var i = 0L; i < result.Length; i++)
        {
            var (column, row, channel, region) = (i % output[3], i / output[3] % output[2], i / output[3] / output[2] % output[1], i / output[3] / output[2] / output[1]);
            var item = Math.Clamp(items[region], 0, shape[0] - 1);
            var (x0, y0) = (regions[4 * region] * scale - shift, regions[4 * region + 1] * scale - shift);
            var (cellWidth, cellHeight) = (regions[4 * region + 2] * scale - shift - x0, regions[4 * region + 3] * scale - shift - y0);
            if (shift == 0) (cellWidth, cellHeight) = (Math.Max(cellWidth, 1), Math.Max(cellHeight, 1));
            (cellWidth, cellHeight) = (cellWidth / output[3], cellHeight / output[2]);
            var (rows, columns) = (Points(cellHeight, ratio, height), Points(cellWidth, ratio, width));
            double sum = 0, largest = double.NegativeInfinity;
            for (var a = 0L; a < rows; a++)
            for (var b = 0L; b < columns; b++)
            {
                var y = y0 + row * cellHeight + (a + 0.5) * cellHeight / rows;
                var x = x0 + column * cellWidth + (b + 0.5) * cellWidth / columns;
                double point = 0, best = 0;
                if (y >= -1 && y <= height && x >= -1 && x <= width)
                {
                    var (top, down) = Neighbours(ref y, height);
                    var (left, right) = Neighbours(ref x, width);
                    var plane = (item * shape[1] + channel) * height;
                    Span<double> parts =
                    [
                        (1 - y) * (1 - x) * input[(plane + top) * width + left], (1 - y) * x * input[(plane + top) * width + right],
                        y * (1 - x) * input[(plane + down) * width + left], y * x * input[(plane + down) * width + right],
                    ];
                    point = parts[0] + parts[1] + parts[2] + parts[3];
                    best = Math.Max(Math.Max(parts[0], parts[1]), Math.Max(parts[2], parts[3]));
                }
                sum += point;
                largest = Math.Max(largest, best);
            }
            result[i] = isMax ? (rows * columns == 0 ? 0 : largest) : sum / Math.Max(1, rows * columns);
        }
        context.SetReals(0, result);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (input, regions, items, output) = (context.Input(0), context.Input(1), context.Input(2), context.Output(0));
        if (output.Shape.ElementCount == 0) return;
        context.Dispatch(context.Choose(ResamplingRoiAlign.Family.Variants, input, regions, items))
            .Parameters(new ResamplingRoiAlign.Parameters
            {
                Count = checked((int)output.Shape.ElementCount), Batch = (int)input.Shape[0], Channels = (int)input.Shape[1], Height = checked((int)input.Shape[2]), Width = checked((int)input.Shape[3]),
                Rows = (int)output.Shape[2], Columns = (int)output.Shape[3], Ratio = (int)Math.Min(context.Get(SamplingRatio), int.MaxValue), Scale = (float)context.Get(SpatialScale),
            })
            .Constant(ResamplingRoiAlign.Constants.Maximum, context.Get(Mode) == "max" ? 1 : 0)
            .Constant(ResamplingRoiAlign.Constants.HalfPixel, context.Get(HalfPixel) ? 1 : 0)
            .Bind(ResamplingRoiAlign.Bindings.Source, input)
            .Bind(ResamplingRoiAlign.Bindings.Regions, regions)
            .Bind(ResamplingRoiAlign.Bindings.Items, items)
            .Bind(ResamplingRoiAlign.Bindings.Result, output)
            .Cost(8.0 * output.Shape.ElementCount, (double)input.Bytes + output.Bytes)
            .RunLinear(output.Shape.ElementCount, 64);
    }

    /// <summary>Rows and columns of a region's cells.</summary>
    internal static long[] Size(AttributeSet attributes) => attributes.Get(OutputSize) is [var both] ? [both, both] : attributes.Get(OutputSize);

    /// <summary>Points of a cell along an axis.</summary>
    internal static long Points(double cell, long ratio, long size) => ratio > 0 ? ratio : (long)Math.Min(Math.Max(0, Math.Ceiling(cell)), 2 * size + 2);

    /// <summary>The elements around a coordinate, which becomes its distance from the lower one.</summary>
    internal static (long Low, long High) Neighbours(ref double x, long size)
    {
        var at = Math.Max(x, 0);
        var low = (long)at;
        if (low >= size - 1)
        {
            x = 0;
            return (size - 1, size - 1);
        }
        x = at - low;
        return (low, low + 1);
    }

    private static Value Import(ImportNode node, bool halfPixel)
    {
        var mode = node.Text("mode", "avg");
        if (!Mode.Choices.Contains(mode)) node.Fail("VKN3305", $"mode '{mode}' is not known", "avg and max are");
        var attributes = AttributeSet.Empty.With(OutputSize, [node.Integer("output_height", 1), node.Integer("output_width", 1)]).With(SamplingRatio, node.Integer("sampling_ratio", 0))
            .With(SpatialScale, node.Real("spatial_scale", 1)).With(Mode, mode).With(HalfPixel, halfPixel);
        return node.Emit("roi_align", attributes, node.Input(0), node.Input(1), WholeNumbers.Of(node, 2));
    }
}
