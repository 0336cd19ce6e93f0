using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Layout.Lowering;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Convolution;

/// <summary>Unfolds windows into columns: [N, C, spatial...] becomes [N, C taps, windows], with zeros for the padding. The inverse in shape of <c>col2im</c>.</summary>
public sealed class Im2Col : Operator, ILowering
{
    private readonly int _axes;

    /// <summary>Makes the operator for a number of spatial axes.</summary>
    /// <param name="axes">1, 2 or 3.</param>
    public Im2Col(int axes)
    {
        _axes = axes;
        Inputs = [new("input", $"[N, C, {ConvolutionTexts.Axes(axes)}]")];
    }

    /// <inheritdoc/>
    public override string Name => $"im2col{_axes}d";

    /// <inheritdoc/>
    public override string Summary => "Windows as columns: element [n, c taps + k, o] is what tap k of window o covers in channel c.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [WindowAttributes.Kernel, WindowAttributes.Stride, WindowAttributes.Dilation, WindowAttributes.Padding, WindowAttributes.AutoPadding];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(ConvolutionTexts.Sizes(_axes, 2, 3, 7))).With(WindowAttributes.Kernel, [3]).With(WindowAttributes.Padding, [1]),
        new OperatorSample(IntegersOf(DataType.UInt8, 0, 255, ConvolutionTexts.Sizes(_axes, 1, 2, 6))).With(WindowAttributes.Kernel, [2]).With(WindowAttributes.Stride, [2]),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var shape = context.RequireRank(0, 2 + _axes);
        var geometry = FoldGeometry.Of(context.Attributes, shape.AsSpan()[2..].ToArray(), (code, message, help) => context.Fail(code, message, help));
        return [context.Input(0) with { Shape = new Shape(shape[0], checked(shape[1] * geometry.Window.Taps), geometry.Windows) }];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var shape = context.ShapeOf(0);
        var geometry = FoldGeometry.Of(context.Attributes, shape.AsSpan()[2..].ToArray());
        var (plane, lines) = (shape.Product(2, shape.Rank), geometry.Window.Taps * geometry.Windows);
        var source = new long[context.Output(0).Shape.ElementCount];
        Array.Fill(source, -1);
        geometry.ForEach((column, place) =>
        {
            for (var c = 0L; c < shape[0] * shape[1]; c++) source[c * lines + column] = c * plane + place;
        });
        context.Move(0, 0, source);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (input, output) = (context.Input(0), context.Output(0));
        if (output.Shape.ElementCount == 0) return;
        var geometry = FoldGeometry.Of(context.Node.Attributes, input.Shape.AsSpan()[2..].ToArray());
        var (window, lines, rowElements) = (geometry.Window.ToThreeAxes(), output.Shape[0] * output.Shape[1], (geometry.Windows + 3) / 4 * 4);
        // The kernel fills rows up to a multiple of four.
        var rows = rowElements == geometry.Windows ? output : context.Workspace("rows", output.Type with { Shape = new Shape(lines, rowElements) });
        context.Dispatch(context.Choose(ConvolutionIm2col.Family.Variants, input))
            .Parameters(new ConvolutionIm2col.Parameters
            {
                InputSizes = ConvolutionGeometry.Pack(FoldGeometry.Three(geometry.Sizes)),
                OutputSizes = ConvolutionGeometry.Pack(FoldGeometry.Three(geometry.Counts)),
                Kernel = ConvolutionGeometry.Pack(window.Kernel),
                Stride = ConvolutionGeometry.Pack(window.Stride),
                Dilation = ConvolutionGeometry.Pack(window.Dilation),
                Padding = ConvolutionGeometry.Pack(window.PadBegin),
                Batch = checked((int)input.Shape[0]),
                Channels = checked((int)input.Shape[1]),
                RowElements = checked((int)rowElements),
            })
            .Bind(ConvolutionIm2col.Bindings.Source, input)
            .Bind(ConvolutionIm2col.Bindings.Result, rows)
            .Cost(0, (double)input.Bytes + output.Bytes)
            .RunLinear(lines * (rowElements / 4), 64);
        if (rows != output) StridedCopy.Run(context, rows, output, StridedRegion.FillingTarget([lines, geometry.Windows], 0, [rowElements, 1]));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var sizes = context.Input(0).Shape.AsSpan()[2..].ToArray();
        var window = FoldGeometry.Of(context.Node.Attributes, sizes).Window;
        return [context.Builder.Apply($"col2im{_axes}d", Explicit(window).With(Col2Im.Size, sizes), context.Upstream)];
    }

    /// <summary>A window as attributes, with its padding in numbers.</summary>
    internal static AttributeSet Explicit(SpatialWindow window) => AttributeSet.Empty
        .With(WindowAttributes.Kernel, window.Kernel)
        .With(WindowAttributes.Stride, window.Stride)
        .With(WindowAttributes.Dilation, window.Dilation)
        .With(WindowAttributes.Padding, [.. window.PadBegin, .. window.PadEnd]);
}
