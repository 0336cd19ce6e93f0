using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Convolution;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Pooling;

/// <summary>The mean of every window's elements; with <c>count_include_pad</c> the padding's zeros count as elements.</summary>
public sealed class AveragePool : PoolOperator, IImportable, IExportable
{
    /// <summary>Makes the operator for a number of spatial axes.</summary>
    /// <param name="axes">1, 2 or 3.</param>
    public AveragePool(int axes)
        : base("avg_pool", axes) => ImportRules = axes == 2 ? [ImportRule.Single("AveragePool", 1, Import)] : [];

    /// <inheritdoc/>
    public override string Summary => "The mean of every window's elements.";

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } =
        [WindowAttributes.Kernel, WindowAttributes.Stride, WindowAttributes.Padding, WindowAttributes.AutoPadding, WindowAttributes.Dilation, PoolAttributes.CeilMode, PoolAttributes.CountIncludePad];

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Planes).With(WindowAttributes.Kernel, [2]).With(WindowAttributes.Stride, [2]),
        new OperatorSample(Planes).With(WindowAttributes.Kernel, [3]).With(WindowAttributes.Stride, [2]).With(WindowAttributes.Padding, [1]).With(PoolAttributes.CeilMode, true),
        new OperatorSample(Planes).With(WindowAttributes.Kernel, [3]).With(WindowAttributes.Padding, [1]).With(PoolAttributes.CountIncludePad, true),
    ];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("AveragePool", node.Inputs, [.. PoolImport.ToOnnx(node, Axes), ("count_include_pad", node.Get(PoolAttributes.CountIncludePad))]);

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context) => [InferWindows(context)];

    /// <inheritdoc/>
    public override void Evaluate(HostContext context) => EvaluateWindows(context, (geometry, window, values) => values.Sum() / geometry.Divisor(window));

    /// <inheritdoc/>
    public override bool StoresDense(Node node) => PoolKernels.CanStoreDense(GeometryOf(node), PoolingKind.Average);

    /// <inheritdoc/>
    public override void Lower(LoweringContext context) => PoolKernels.Window(context, GeometryOf(context.Node), PoolingKind.Average);

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context) => [Tiles(context) is { } window ? Spread(context, window) : Gradient(context, "average", context.Upstream)];

    // The window's sizes where windows lie side by side and cover the input exactly; else null.
    private long[]? Tiles(GradientContext context)
    {
        var (input, output) = (context.Input(0).Shape, context.Output(0).Shape);
        var given = context.Node.Get(WindowAttributes.Kernel)!;
        var kernel = given.Length == Axes ? given : [.. Enumerable.Repeat(given[0], Axes)];
        var window = SpatialWindow.Of(context.Node.Attributes, Axes, kernel, input.AsSpan()[2..]);
        for (var i = 0; i < Axes; i++)
            if (kernel[i] != window.Stride[i] || window.Dilation[i] != 1 || window.PadBegin[i] != 0 || output[2 + i] * kernel[i] != input[2 + i]) return null;
        return kernel;
    }

    // Every element of a window takes an equal share.
    private Value Spread(GradientContext context, long[] window)
    {
        var repeated = context.Builder.Apply($"unpool{Axes}d", AttributeSet.Empty.With(Unpool.Factor, window), context.Upstream);
        return context.Builder.Apply("affine", AttributeSet.Empty.With(Pointwise.Affine.Scale, 1.0 / window.Aggregate(1L, (a, b) => a * b)), repeated);
    }

    private static Value Import(ImportNode node)
    {
        var axes = PoolImport.Axes(node);
        return node.Emit($"avg_pool{axes}d", PoolImport.Attributes(node, axes), node.Input(0));
    }
}
