using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Operators.Convolution;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Pooling;

/// <summary>
/// The gradient of a pooling in its input: every input element gathers the gradients of the windows that cover it; an average's divided by
/// its count, a maximum's only where the element is the window's first largest. Gradient rules emit it.
/// </summary>
public sealed class PoolGradient : Operator, ILowering
{
    private readonly int _axes;

    /// <summary>Makes the operator for a number of spatial axes.</summary>
    /// <param name="axes">1, 2 or 3.</param>
    public PoolGradient(int axes)
    {
        _axes = axes;
        Inputs =
        [
            new("upstream", $"[N, C, ...], the gradient of the pooling's output"),
            new("input", $"[N, C, {ConvolutionTexts.Axes(axes)}], the pooling's input, for maxima") { Optional = true },
        ];
    }

    /// <summary>What was pooled.</summary>
    public static AttributeDefinition<string> Kind { get; } = new("kind", "What the pooling made of a window.", "average") { Choices = Kinds };

    /// <summary>Spatial sizes of the pooling's input.</summary>
    public static AttributeDefinition<long[]> InputSize { get; } = new("input_size", "Spatial sizes of the pooling's input.", []);

    /// <summary>The kinds known.</summary>
    internal static string[] Kinds => ["average", "sum", "maximum"];

    /// <inheritdoc/>
    public override string Name => $"pool{_axes}d_gradient";

    /// <inheritdoc/>
    public override string Summary => "The gradient of a pooling in its input.";

    /// <inheritdoc/>
    public override bool IsPublic => false;

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } =
    [
        Kind, InputSize, WindowAttributes.Kernel, WindowAttributes.Stride, WindowAttributes.Padding, WindowAttributes.AutoPadding, WindowAttributes.Dilation,
        PoolAttributes.CeilMode, PoolAttributes.CountIncludePad, PoolAttributes.OutputSize,
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        .. Kinds.Select(kind => new OperatorSample(Reals(ConvolutionTexts.Sizes(_axes, 2, 5, 4)), kind == "maximum" ? Reals(ConvolutionTexts.Sizes(_axes, 2, 5, 9)) : null)
            .With(Kind, kind).With(InputSize, ConvolutionTexts.Sizes(_axes, 9)).With(WindowAttributes.Kernel, [3]).With(WindowAttributes.Stride, [2])),
        .. Kinds.Select(kind => new OperatorSample(Reals(ConvolutionTexts.Sizes(_axes, 1, 4, 7)), kind == "maximum" ? Reals(ConvolutionTexts.Sizes(_axes, 1, 4, 7)) : null)
            .With(Kind, kind).With(InputSize, ConvolutionTexts.Sizes(_axes, 7)).With(WindowAttributes.Kernel, [3]).With(WindowAttributes.Padding, [1])),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.RequireFloat(0);
        var upstream = context.RequireRank(0, 2 + _axes);
        return [new TensorType(type.DataType, new Shape([upstream[0], upstream[1], .. context.Get(InputSize)]))];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var shape = context.Output(0).Shape;
        var geometry = PoolGeometry.Of(context.Attributes, _axes, shape, context.ShapeOf(0));
        var (upstream, kind) = (context.Reals(0), context.Get(Kind));
        var input = kind == "maximum" ? context.Reals(1) : [];
        var result = new double[shape.ElementCount];
        geometry.ForEachWindow((window, covered) =>
        {
            var factor = kind == "average" ? 1 / geometry.Divisor(window) : 1;
            for (var plane = 0; plane < geometry.Planes; plane++)
            {
                var (from, gradient) = (plane * geometry.InputPlane, upstream[plane * geometry.OutputPlane + window]);
                if (kind != "maximum")
                {
                    foreach (var i in covered) result[from + i] += gradient * factor;
                    continue;
                }
                var best = -1;
                foreach (var i in covered)
                    if (best < 0 || (!double.IsNaN(input[from + best]) && (input[from + i] > input[from + best] || double.IsNaN(input[from + i])))) best = i;
                if (best >= 0) result[from + best] += gradient;
            }
        });
        context.SetReals(0, result);
    }

    /// <inheritdoc/>
    public LayoutChoice Layouts(Node node, DeviceProfile profile) => LayoutChoice.Either;

    /// <inheritdoc/>
    public Graphs.Layout InputLayout(Node node, int input, Graphs.Layout layout) => layout;

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var geometry = PoolGeometry.Of(context.Node.Attributes, _axes, context.Node.Outputs[0].Shape, context.Node.Inputs[0]!.Shape);
        var upstream = context.Input(0);
        var kind = context.Get(Kind) switch { "average" => PoolingKind.Average, "sum" => PoolingKind.Sum, _ => PoolingKind.Maximum };
        PoolKernels.Gradient(context, geometry, kind, upstream, kind == PoolingKind.Maximum ? context.Input(1) : upstream);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        // Averages are linear: the gradient of spreading is averaging.
        if (context.Node.Get(Kind) != "average") return base.Differentiate(context);
        var name = context.Node.Get(PoolAttributes.OutputSize) is null ? "avg_pool" : "adaptive_avg_pool";
        return [context.Builder.Apply($"{name}{_axes}d", context.Node.Attributes, context.Upstream)];
    }
}
