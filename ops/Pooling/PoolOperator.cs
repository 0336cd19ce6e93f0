using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Operators.Convolution;
using VkNet.Tensors;

namespace VkNet.Operators.Pooling;

/// <summary>What all poolings over one, two or three spatial axes share: [N, C, spatial...] in and out, either layout, an epilogue.</summary>
public abstract class PoolOperator : Operator, ILowering
{
    private readonly string _stem;

    private protected PoolOperator(string stem, int axes)
    {
        _stem = stem;
        Axes = axes;
        Inputs = [new("input", $"[N, C, {ConvolutionTexts.Axes(axes)}]")];
    }

    /// <inheritdoc/>
    public override string Name => $"{_stem}{Axes}d";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; }

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <summary>Number of spatial axes.</summary>
    private protected int Axes { get; }

    /// <summary>A tensor for samples: two images of five channels whose axes have 9 elements.</summary>
    private protected SampleInput Planes => SampleInput.Reals(ConvolutionTexts.Sizes(Axes, 2, 5, 9));

    /// <inheritdoc/>
    public virtual bool AcceptsEpilogue(Node node) => node.Outputs.Count == 1;

    /// <inheritdoc/>
    public virtual LayoutChoice Layouts(Node node, DeviceProfile profile) => node.Outputs.Count == 1 ? LayoutChoice.Either : LayoutChoice.Dense;

    /// <inheritdoc/>
    public override IReadOnlyList<WindowExtent>? Window(Node node) => node.Attributes.Get(WindowAttributes.Kernel) is null || node.Attributes.Get(PoolAttributes.OutputSize) is not null
        ? null
        : SpatialWindow.Of(node.Attributes, Axes, PoolGeometry.KernelOf(node.Attributes, Axes), node.Inputs[0]!.Shape.AsSpan()[2..]).Extents();

    /// <inheritdoc/>
    public Graphs.Layout InputLayout(Node node, int input, Graphs.Layout layout) => ChannelEpilogue.InputLayout(node, input, layout);

    /// <inheritdoc/>
    public virtual bool StoresDense(Node node) => false;

    /// <inheritdoc/>
    public abstract void Lower(LoweringContext context);

    /// <summary>The geometry of a checked node.</summary>
    private protected PoolGeometry GeometryOf(Node node) => PoolGeometry.Of(node.Attributes, Axes, node.Inputs[0]!.Shape, node.Outputs[0].Shape);

    /// <summary>Type of the pooled tensor: the shape rule of sliding windows.</summary>
    private protected TensorType InferWindows(InferenceContext context)
    {
        var type = context.RequireFloat(0);
        var input = context.RequireRank(0, 2 + Axes);
        if (context.Get(WindowAttributes.Kernel) is not { } kernel)
        {
            context.Fail("VKN2306", "'kernel' is missing", "say how large the windows are, e.g. kernel: 2");
            return type;
        }
        kernel = SpatialWindow.PerAxis(WindowAttributes.Kernel!, kernel, Axes, (code, message, help) => context.Fail(code, message, help));
        var window = SpatialWindow.Of(context, Axes, kernel, input.AsSpan()[2..]);
        // "same" already rounds the number of windows up.
        var ceiling = context.Get(PoolAttributes.CeilMode) && context.Get(WindowAttributes.AutoPadding) is "explicit" or "valid";
        return new TensorType(type.DataType, new Shape([input[0], input[1], .. window.OutputSizes(context, input, ceiling)]));
    }

    /// <summary>Evaluates a function of the elements of every window.</summary>
    private protected void EvaluateWindows(HostContext context, Func<PoolGeometry, int, IEnumerable<double>, double> pool)
    {
        var geometry = PoolGeometry.Of(context.Attributes, Axes, context.ShapeOf(0), context.Output(0).Shape);
        var input = context.Reals(0);
        var result = new double[context.Output(0).Shape.ElementCount];
        geometry.ForEachWindow((window, covered) =>
        {
            for (var plane = 0; plane < geometry.Planes; plane++)
            {
                var from = plane * (int)geometry.InputPlane;
                result[plane * geometry.OutputPlane + window] = pool(geometry, window, covered.Select(i => input[from + i]));
            }
        });
        context.SetReals(0, result);
    }

    /// <summary>The gradient in the input, as the operator that gathers from the windows.</summary>
    /// <param name="context">The gradient's context.</param>
    /// <param name="kind">One of <see cref="PoolGradient.Kinds"/>.</param>
    /// <param name="upstream">Gradient of the windows' values.</param>
    private protected Value Gradient(GradientContext context, string kind, Value upstream)
    {
        var input = context.Input(0);
        var attributes = context.Node.Attributes
            .With(PoolGradient.Kind, kind)
            .With(PoolGradient.InputSize, input.Shape.AsSpan()[2..].ToArray());
        return context.Builder.Apply($"pool{Axes}d_gradient", attributes, upstream, kind == "maximum" ? input : null);
    }
}
