using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Resampling;

/// <summary>
/// Resamples a tensor along any of its axes to other sizes: nearest element, linear or cubic interpolation, as ONNX's Resize defines it
/// (opset 19). Coordinates and weights are computed when the graph is compiled, in double precision.
/// </summary>
public sealed class Resize : Operator, ILowering, IImportable, IExportable
{
    /// <summary>New sizes.</summary>
    public static AttributeDefinition<long[]?> Sizes { get; } = new("sizes", "New size of each axis, or of each of 'axes'.") { Minimum = 0 };

    /// <summary>Factors of the sizes.</summary>
    public static AttributeDefinition<double[]?> Scales { get; } = new("scales", "Factor by which each axis, or each of 'axes', grows; sizes are rounded down.");

    /// <summary>The axes meant.</summary>
    public static AttributeDefinition<long[]?> Axes { get; } = new("axes", "The axes that 'sizes', 'scales' and 'region' speak of; all when absent.");

    /// <summary>How values between elements are found.</summary>
    public static AttributeDefinition<string> Mode { get; } = new("mode", "How values between elements are found.", "nearest") { Choices = ["nearest", "linear", "cubic"] };

    /// <summary>Where elements of the result lie in the input.</summary>
    public static AttributeDefinition<string> Coordinates { get; } = new("coordinates", "Where element o of n lies in an input of m elements: half_pixel: (o + 0.5) / scale - 0.5; asymmetric: o / scale; align_corners: o (m - 1) / (n - 1); tf_crop_and_resize: within 'region'; the others as ONNX has them.", "half_pixel")
    {
        Choices = ["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_half_pixel_for_nn", "tf_crop_and_resize"],
    };

    /// <summary>Which element is nearest.</summary>
    public static AttributeDefinition<string> Nearest { get; } = new("nearest", "Which element is the nearest; simple: floor where the axis grows, ceil where it shrinks.", "round_prefer_floor")
    {
        Choices = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil", "simple"],
    };

    /// <summary>The free number of the cubic kernel.</summary>
    public static AttributeDefinition<double> CubicCoefficient { get; } = new("cubic_coefficient", "The free number a of the cubic kernel.", -0.75);

    /// <summary>Whether elements outside the input have no weight.</summary>
    public static AttributeDefinition<bool> ExcludeOutside { get; } = new("exclude_outside", "Whether elements outside the input have no weight; otherwise the edge goes on.", false);

    /// <summary>What lies outside the input in tf_crop_and_resize.</summary>
    public static AttributeDefinition<double> Extrapolation { get; } = new("extrapolation", "The value of what lies outside the input in tf_crop_and_resize.", 0.0);

    /// <summary>Whether the kernel widens when an axis shrinks.</summary>
    public static AttributeDefinition<bool> AntiAlias { get; } = new("antialias", "Whether linear and cubic kernels widen when an axis shrinks, so that every element has weight.", false);

    /// <summary>Whether proportions are kept.</summary>
    public static AttributeDefinition<string> Aspect { get; } = new("aspect", "stretch: the sizes as given; not_larger, not_smaller: one scale for all axes, so that no size is above (below) the one given.", "stretch")
    {
        Choices = ["stretch", "not_larger", "not_smaller"],
    };

    /// <summary>The part of the input that tf_crop_and_resize takes.</summary>
    public static AttributeDefinition<double[]?> Region { get; } = new("region", "The part of the input that tf_crop_and_resize takes: all starts, then all ends, as fractions of the axes.");

    /// <inheritdoc/>
    public override string Name => "resize";

    /// <inheritdoc/>
    public override string Summary => "The tensor resampled to other sizes along any of its axes: nearest element, linear or cubic interpolation.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "any shape; reals for linear and cubic")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Sizes, Scales, Axes, Mode, Coordinates, Nearest, CubicCoefficient, ExcludeOutside, Extrapolation, AntiAlias, Aspect, Region];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("Resize", 11, ResizeImport.Resize),
        ImportRule.Single("Resize", 10, node => ResizeImport.Legacy(node, node.ConstantReals(1, "the scales")!)) with { UntilVersion = 10 },
        ImportRule.Single("Upsample", 9, node => ResizeImport.Legacy(node, node.ConstantReals(1, "the scales")!)),
        ImportRule.Single("Upsample", 7, node => ResizeImport.Legacy(node, node.Reals("scales") ?? [])) with { UntilVersion = 8 },
        ImportRule.Single("Upsample", 1, node => ResizeImport.Legacy(node, [1, 1, node.Real("height_scale", 1), node.Real("width_scale", 1)])) with { UntilVersion = 6 },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(1, 3, 5, 7)).With(Sizes, [1, 3, 9, 4]),
        new OperatorSample(Reals(1, 2, 3, 8)).With(Scales, [1, 1, 2, 1]),
        new OperatorSample(Reals(1, 3, 5, 7)).With(Scales, [1, 1, 1.7, 0.6]).With(Mode, "linear"),
        new OperatorSample(Reals(5, 3, 8)).With(Scales, [0.4, 2, 1]).With(Mode, "cubic").With(AntiAlias, true),
        new OperatorSample(Reals(5, 7)).With(Sizes, [4, 4]).With(Mode, "linear").With(Coordinates, "tf_crop_and_resize").With(Region, [0.4, 0.2, 1.3, 0.9]).With(Extrapolation, 3),
    ];

    /// <inheritdoc/>
    public void Export(ExportNode node) => ResizeImport.Export(node);

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.Input(0);
        if (context.Get(Mode) != "nearest") type = context.RequireFloat(0);
        return [type with { Shape = ResizeGeometry.Of(context.Attributes, type.Shape, (code, message, help) => context.Fail(code, message, help)).Output }];
    }

    /// <inheritdoc/>
    public override int? PassesThrough(Node node) =>
        node.Inputs[0]!.Shape == node.Outputs[0].Shape && ResizeGeometry.Of(node.Attributes, node.Inputs[0]!.Shape).Maps().Count == 0 ? 0 : null;

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var shape = context.ShapeOf(0);
        var maps = ResizeGeometry.Of(context.Attributes, shape).Maps();
        if (context.Get(Mode) == "nearest")
        {
            Select(context, maps);
            return;
        }
        var values = context.Reals(0);
        foreach (var map in maps)
        {
            values = map.Apply(values, shape, context.Get(Extrapolation));
            shape = shape.With(map.Axis, map.Output);
        }
        context.SetReals(0, values);
    }

    /// <inheritdoc/>
    public LayoutChoice Layouts(Node node, DeviceProfile profile) =>
        node.Get(Coordinates) != "tf_crop_and_resize" && ResizeGeometry.Of(node.Attributes, node.Inputs[0]!.Shape).Maps().All(m => m.Axis >= 2) ? LayoutChoice.Either : LayoutChoice.Dense;

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (input, output) = (context.Input(0), context.Output(0));
        var maps = ResizeGeometry.Of(context.Node.Attributes, input.Shape).Maps();
        if (context.Get(Mode) == "nearest") ResampleKernels.Select(context, input, output, maps, context.Get(Extrapolation));
        else ResampleKernels.Map(context, input, output, maps, context.Get(Extrapolation));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context) =>
        [context.Builder.Apply("resize_gradient", context.Node.Attributes.With(ResizeGradient.InputShape, context.Input(0).Shape.ToArray()), context.Upstream)];

    private static void Select(HostContext context, IReadOnlyList<AxisMap> maps)
    {
        var (input, output) = (context.ShapeOf(0), context.Output(0).Shape);
        var (strides, outputStrides) = (input.Strides(), output.Strides());
        var byAxis = maps.ToDictionary(m => m.Axis);
        var source = new long[output.ElementCount];
        for (var i = 0L; i < source.Length; i++)
        {
            long place = 0;
            for (var axis = 0; axis < output.Rank && place >= 0; axis++)
            {
                var coordinate = i / outputStrides[axis] % output[axis];
                if (byAxis.TryGetValue(axis, out var map)) coordinate = map.Sources[coordinate];
                place = coordinate < 0 ? -1 : place + coordinate * strides[axis];
            }
            source[i] = place;
        }
        if (!context.Input(0).DataType.IsFloat())
        {
            var (wholes, outside) = (context.Integers(0), (long)context.Get(Extrapolation));
            context.SetIntegers(0, Array.ConvertAll(source, s => s < 0 ? outside : wholes[s]));
            return;
        }
        var (values, fill) = (context.Reals(0), context.Get(Extrapolation));
        context.SetReals(0, Array.ConvertAll(source, s => s < 0 ? fill : values[s]));
    }
}
