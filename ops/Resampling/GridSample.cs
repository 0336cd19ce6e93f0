using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Resampling;

/// <summary>Reads a picture or a volume at the points of a grid (Jaderberg et al., "Spatial Transformer Networks", 2015; ONNX GridSample).</summary>
public sealed class GridSample : Operator, ILowering, IImportable, IExportable
{
    /// <summary>How values between elements are found.</summary>
    public static AttributeDefinition<string> Mode { get; } = new("mode", "How values between elements are found.", "linear") { Choices = ["linear", "nearest", "cubic"] };

    /// <summary>What lies outside.</summary>
    public static AttributeDefinition<string> Padding { get; } = new("padding", "What lies outside: zeros, the border element, or the picture reflected.", "zeros") { Choices = ["zeros", "border", "reflection"] };

    /// <summary>Whether -1 and 1 are the centres of the outermost elements.</summary>
    public static AttributeDefinition<bool> AlignCorners { get; } = new("align_corners", "Whether -1 and 1 are the centres of the outermost elements; otherwise their outer edges.", false);

    /// <inheritdoc/>
    public override string Name => "grid_sample";

    /// <inheritdoc/>
    public override string Summary => "The input read at the points of a grid, whose coordinates (innermost axis first) run from -1 to 1.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } =
    [
        new("input", "[N, C, H, W] or [N, C, D, H, W]"),
        new("grid", "[N, H', W', 2] or [N, D', H', W', 3]: where each element of the result is read"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Mode, Padding, AlignCorners];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } = [ImportRule.Single("GridSample", 16, Import)];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(2, 3, 5, 7), RealsWithin(-1.3, 1.3, 2, 3, 5, 2)),
        new OperatorSample(Reals(1, 2, 3, 4, 5), RealsWithin(-1.3, 1.3, 1, 2, 2, 3, 3)).With(Padding, "reflection"),
        new OperatorSample(Reals(2, 3, 5, 7), RealsWithin(-1.3, 1.3, 2, 3, 5, 2)).With(Mode, "cubic").With(Padding, "border").With(AlignCorners, true),
        new OperatorSample(Reals(2, 3, 5, 7), RealsWithin(-1.3, 1.3, 2, 3, 5, 2)).With(Mode, "nearest"),
    ];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("GridSample", node.Inputs,
        ("mode", node.Get(Mode)!), ("padding_mode", node.Get(Padding)!), ("align_corners", node.Get(AlignCorners)));

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var (type, grid) = (context.RequireFloat(0), context.RequireFloat(1));
        var (shape, points) = (type.Shape, grid.Shape);
        if (shape.Rank is not (4 or 5)) context.Fail("VKN2402", $"the input is {type}; pictures [N, C, H, W] and volumes [N, C, D, H, W] can be sampled");
        if (points.Rank != shape.Rank || points[-1] != shape.Rank - 2 || points[0] != shape[0] || grid.DataType != type.DataType)
            context.Fail("VKN2402", $"the grid {grid} does not fit the input {type}", $"a grid [{shape[0]}, ..., {shape.Rank - 2}] of rank {shape.Rank} is needed");
        if (shape.Product(2, shape.Rank) == 0 && points.ElementCount > 0) context.Fail("VKN2402", $"the input {type} has no elements to read");
        return [type with { Shape = new Shape([shape[0], shape[1], .. points.Skip(1).Take(shape.Rank - 2)]) }];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var geometry = GridGeometry.Of(context.Attributes, context.ShapeOf(0), context.ShapeOf(1));
        var (input, grid) = (context.Reals(0), context.Reals(1));
        var result = new double[context.Output(0).Shape.ElementCount];
        Parallel.For(0, geometry.Batch * geometry.Points, index =>
        {
            var (item, point) = (index / geometry.Points, index % geometry.Points);
            geometry.ForEachTap(grid, item, point, (place, weight, _) =>
            {
                for (var c = item * geometry.Channels; c < (item + 1) * geometry.Channels; c++)
                    if (weight != 0) result[c * geometry.Points + point] += weight * input[c * geometry.Plane + place];
            });
        });
        context.SetReals(0, result);
    }

    /// <inheritdoc/>
    public override OperatorCost Cost(Node node)
    {
        var geometry = GridGeometry.Of(node.Attributes, node.Inputs[0]!.Shape, node.Inputs[1]!.Shape);
        return base.Cost(node) with { Flops = 2.0 * geometry.Taps * node.Outputs[0].Shape.ElementCount };
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (input, grid, output) = (context.Input(0), context.Input(1), context.Output(0));
        if (output.Shape.ElementCount == 0) return;
        var geometry = GridGeometry.Of(context.Node.Attributes, input.Shape, grid.Shape);
        // Enough channels for each invocation to make finding the point cheap, few enough to fill the device.
        var channels = Math.Clamp(geometry.Channels * (long)geometry.Points * geometry.Batch / 65536, 1, 16);
        var blocks = (geometry.Channels + channels - 1) / channels;
        var items = geometry.Batch * blocks * geometry.Points;
        context.Dispatch(context.Choose(ResamplingGridSample.Family.Variants, input, grid))
            .Parameters(new ResamplingGridSample.Parameters
            {
                Items = checked((int)items), Channels = geometry.Channels, Depth = geometry.Sizes[0], Height = geometry.Sizes[1], Width = geometry.Sizes[2],
                Points = geometry.Points, Block = (int)channels,
            })
            .Constant(ResamplingGridSample.Constants.Volume, geometry.Axes == 3 ? 1 : 0)
            .Constant(ResamplingGridSample.Constants.Mode, GridSample.Code(context.Node.Attributes, GridSample.Mode))
            .Constant(ResamplingGridSample.Constants.Padding, GridSample.Code(context.Node.Attributes, GridSample.Padding))
            .Constant(ResamplingGridSample.Constants.AlignCorners, context.Get(AlignCorners) ? 1 : 0)
            .Bind(ResamplingGridSample.Bindings.Source, input)
            .Bind(ResamplingGridSample.Bindings.Grid, grid)
            .Bind(ResamplingGridSample.Bindings.Result, output)
            .Cost(2.0 * geometry.Taps * output.Shape.ElementCount, (double)input.Bytes + grid.Bytes + output.Bytes)
            .RunLinear(items, 64);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context) =>
        [Gradient(context, 0, "input"), Gradient(context, 1, "grid")];

    /// <summary>A choice as kernels number it.</summary>
    internal static int Code(AttributeSet attributes, AttributeDefinition<string> definition) => definition.Choices.ToList().IndexOf(attributes.Get(definition));

    private static Value? Gradient(GradientContext context, int input, string target) => !context.Needed[input] ? null
        : context.Builder.Apply("grid_sample_gradient", context.Node.Attributes.With(GridSampleGradient.Target, target), context.Upstream, context.Input(0), context.Input(1));

    // Opset 16 said bilinear and bicubic; opset 20, which added volumes, says linear and cubic.
    private static Value Import(ImportNode node)
    {
        var mode = node.Text("mode", "linear") switch { "bilinear" => "linear", "bicubic" => "cubic", var other => other };
        var padding = node.Text("padding_mode", "zeros");
        if (!Mode.Choices.Contains(mode) || !Padding.Choices.Contains(padding)) node.Fail("VKN3301", $"mode '{mode}' with padding '{padding}' is not known");
        return node.Emit("grid_sample", AttributeSet.Empty.With(Mode, mode).With(Padding, padding).With(AlignCorners, node.Integer("align_corners", 0) != 0), node.Input(0), node.Input(1));
    }
}
