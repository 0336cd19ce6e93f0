using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Convolution;

/// <summary>Folds columns back into a tensor, adding what windows share: [N, C taps, windows] becomes [N, C, spatial...]. The adjoint of <c>im2col</c>.</summary>
public sealed class Col2Im : Operator, ILowering, IImportable, IExportable
{
    private readonly int _axes;

    /// <summary>Makes the operator for a number of spatial axes.</summary>
    /// <param name="axes">1, 2 or 3.</param>
    public Col2Im(int axes)
    {
        _axes = axes;
        ImportRules = axes == 2 ? [ImportRule.Single("Col2Im", 18, Import)] : [];
    }

    /// <summary>Spatial sizes of the result.</summary>
    public static AttributeDefinition<long[]> Size { get; } = new("size", "Spatial sizes of the result.", required: true) { Minimum = 0 };

    /// <inheritdoc/>
    public override string Name => $"col2im{_axes}d";

    /// <inheritdoc/>
    public override string Summary => "Columns back into a tensor: every element is the sum of what windows hold for its place.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("columns", "[N, C taps, windows]")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Size, WindowAttributes.Kernel, WindowAttributes.Stride, WindowAttributes.Dilation, WindowAttributes.Padding, WindowAttributes.AutoPadding];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; }

    /// <inheritdoc/>
    public void Export(ExportNode node)
    {
        var window = FoldGeometry.Of(node.Node.Attributes, node.Get(Size)!).Window;
        node.Result("Col2Im", [node.Inputs[0], node.Integers(node.Get(Size)!), node.Integers(window.Kernel)],
            ("strides", window.Stride), ("dilations", window.Dilation), ("pads", (long[])[.. window.PadBegin, .. window.PadEnd]));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(2, 3 * Power(2), Power(6))).With(Size, Enumerable.Repeat(7L, _axes).ToArray()).With(WindowAttributes.Kernel, [2]),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.RequireFloat(0);
        var (columns, sizes) = (context.RequireRank(0, 3), context.Get(Size)!);
        if (sizes.Length != _axes) context.Fail("VKN2406", $"the size [{string.Join(", ", sizes)}] has {sizes.Length} axes, not {_axes}");
        var geometry = FoldGeometry.Of(context.Attributes, sizes, (code, message, help) => context.Fail(code, message, help));
        if (columns[1] % geometry.Window.Taps != 0 || columns[2] != geometry.Windows)
            context.Fail("VKN2406", $"the columns are {type}, but a picture of [{string.Join(", ", sizes)}] has {geometry.Windows} windows of {geometry.Window.Taps} taps", $"[N, C * {geometry.Window.Taps}, {geometry.Windows}] is needed");
        return [type with { Shape = new Shape([columns[0], columns[1] / geometry.Window.Taps, .. sizes]) }];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (columns, shape) = (context.Reals(0), context.Output(0).Shape);
        var geometry = FoldGeometry.Of(context.Attributes, context.Get(Size)!);
        var (plane, lines) = (shape.Product(2, shape.Rank), geometry.Window.Taps * geometry.Windows);
        var result = new double[shape.ElementCount];
        geometry.ForEach((column, place) =>
        {
            for (var c = 0L; c < shape[0] * shape[1]; c++) result[c * plane + place] += columns[c * lines + column];
        });
        context.SetReals(0, result);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (columns, output) = (context.Input(0), context.Output(0));
        if (output.Shape.ElementCount == 0) return;
        var geometry = FoldGeometry.Of(context.Node.Attributes, context.Get(Size)!);
        var (window, plane) = (geometry.Window.ToThreeAxes(), output.Shape.Product(2, output.Shape.Rank));
        context.Dispatch(context.Choose(ConvolutionCol2im.Family.Variants, columns, output))
            .Parameters(new ConvolutionCol2im.Parameters
            {
                InputSizes = ConvolutionGeometry.Pack(FoldGeometry.Three(geometry.Sizes)),
                OutputSizes = ConvolutionGeometry.Pack(FoldGeometry.Three(geometry.Counts)),
                Kernel = ConvolutionGeometry.Pack(window.Kernel),
                Stride = ConvolutionGeometry.Pack(window.Stride),
                Dilation = ConvolutionGeometry.Pack(window.Dilation),
                Padding = ConvolutionGeometry.Pack(window.PadBegin),
                Batch = checked((int)output.Shape[0]),
                Channels = checked((int)output.Shape[1]),
                RowElements = checked((int)geometry.Windows),
            })
            .Bind(ConvolutionCol2im.Bindings.Columns, columns)
            .Bind(ConvolutionCol2im.Bindings.Result, output)
            .Epilogue(null, [])
            .Constant(ConvolutionCol2im.Constants.Aligned, plane % 4 == 0 ? 1 : 0)
            .Cost(columns.Shape.ElementCount, (double)columns.Bytes + output.Bytes)
            .RunLinear(output.Shape[0] * output.Shape[1] * ((plane + 3) / 4), 64);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var window = FoldGeometry.Of(context.Node.Attributes, context.Node.Get(Size)!).Window;
        return [context.Builder.Apply($"im2col{_axes}d", Im2Col.Explicit(window), context.Upstream)];
    }

    private long Power(long size) => Enumerable.Repeat(size, _axes).Aggregate(1L, (a, b) => a * b);

    private static Value Import(ImportNode node)
    {
        var (sizes, kernel) = (node.ConstantIntegers(1, "the picture's sizes")!, node.ConstantIntegers(2, "the block's sizes")!);
        if (sizes.Length is < 1 or > 3 || kernel.Length != sizes.Length) node.Fail("VKN3304", $"blocks of {kernel.Length} axes in a picture of {sizes.Length} axes are not known", "1, 2 and 3 axes are");
        return node.Emit($"col2im{sizes.Length}d", ConvolutionTexts.FromOnnx(node, sizes.Length).With(WindowAttributes.Kernel, kernel).With(Size, sizes), node.Input(0));
    }
}
