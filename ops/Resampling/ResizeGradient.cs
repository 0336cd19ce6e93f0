using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Resampling;

/// <summary>The gradient of <c>resize</c> in its input: the adjoint map along every axis, gathered. Gradient rules emit it.</summary>
public sealed class ResizeGradient : Operator, ILowering
{
    /// <summary>Shape of the resized tensor's input.</summary>
    public static AttributeDefinition<long[]> InputShape { get; } = new("input_shape", "Shape of the input of the resize.", required: true) { Minimum = 0 };

    /// <inheritdoc/>
    public override string Name => "resize_gradient";

    /// <inheritdoc/>
    public override string Summary => "The gradient of resize in its input.";

    /// <inheritdoc/>
    public override bool IsPublic => false;

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("upstream", "the gradient of the resized tensor")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } =
    [
        InputShape, Resize.Sizes, Resize.Scales, Resize.Axes, Resize.Mode, Resize.Coordinates, Resize.Nearest, Resize.CubicCoefficient,
        Resize.ExcludeOutside, Resize.Extrapolation, Resize.AntiAlias, Resize.Aspect, Resize.Region,
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(3, 9, 4)).With(InputShape, [3, 5, 7]).With(Resize.Sizes, [3, 9, 4]).With(Resize.Mode, "linear"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context) => [context.RequireFloat(0) with { Shape = new Shape(context.Get(InputShape)!) }];

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (values, shape) = (context.Reals(0), context.ShapeOf(0));
        foreach (var map in Maps(context.Attributes))
        {
            values = map.Apply(values, shape, 0);
            shape = shape.With(map.Axis, map.Output);
        }
        context.SetReals(0, values);
    }

    /// <inheritdoc/>
    public LayoutChoice Layouts(Node node, DeviceProfile profile) => Maps(node.Attributes).All(m => m.Axis >= 2) ? LayoutChoice.Either : LayoutChoice.Dense;

    /// <inheritdoc/>
    public void Lower(LoweringContext context) => ResampleKernels.Map(context, context.Input(0), context.Output(0), Maps(context.Node.Attributes), 0);

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context) =>
        [context.Builder.Apply("resize", context.Node.Attributes.With(InputShape, null).With(Resize.Extrapolation, 0.0), context.Upstream)];

    private static List<AxisMap> Maps(AttributeSet attributes) =>
        [.. ResizeGeometry.Of(attributes, new Shape(attributes.Get(InputShape)!)).Maps().Select(m => m.Transposed())];
}
