using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Convolution;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Pooling;

/// <summary>The p-norm of every window's elements: (sum of |x|^p)^(1/p).</summary>
public sealed class LpPool : PoolOperator, IImportable, IExportable
{
    /// <summary>Makes the operator for a number of spatial axes.</summary>
    /// <param name="axes">1, 2 or 3.</param>
    public LpPool(int axes)
        : base("lp_pool", axes) => ImportRules = axes == 2 ? [ImportRule.Single("LpPool", 1, Import)] : [];

    /// <summary>The norm's exponent.</summary>
    public static AttributeDefinition<double> P { get; } = new("p", "The norm's exponent, above 0.", 2);

    /// <inheritdoc/>
    public override string Summary => "The p-norm of every window's elements: (sum of |x|^p)^(1/p).";

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } =
        [WindowAttributes.Kernel, WindowAttributes.Stride, WindowAttributes.Padding, WindowAttributes.AutoPadding, WindowAttributes.Dilation, PoolAttributes.CeilMode, P];

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Planes).With(WindowAttributes.Kernel, [2]).With(WindowAttributes.Stride, [2]),
        new OperatorSample(Planes).With(WindowAttributes.Kernel, [3]).With(WindowAttributes.Padding, [1]).With(P, 3),
    ];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("LpPool", node.Inputs, [.. PoolImport.ToOnnx(node, Axes), ("p", WholeExponent(node))]);

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        if (!(context.Get(P) > 0)) context.Fail("VKN2330", $"'p' is {context.Get(P)}", "the exponent of a norm is above 0");
        return [InferWindows(context)];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var p = context.Get(P);
        EvaluateWindows(context, (_, _, values) => Math.Pow(values.Sum(v => Math.Pow(Math.Abs(v), p)), 1 / p));
    }

    /// <inheritdoc/>
    public override void Lower(LoweringContext context) => PoolKernels.Window(context, GeometryOf(context.Node), KindOf(context.Get(P)), context.Get(P));

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        // d y / d x = sign(x) |x|^(p-1) y^(1-p), summed over the windows that cover x; 0 where the norm is 0.
        var (builder, p, y) = (context.Builder, context.Node.Get(P), context.Output(0));
        var zero = builder.Constant(0f);
        var scaled = builder.Apply("mul", null, context.Upstream, builder.Apply("pow", null, y, builder.Constant((float)(1 - p))));
        var safe = builder.Apply("where", null, builder.Apply("greater", null, y, zero), scaled, zero);
        var spread = Gradient(context, "sum", safe);
        return [builder.Apply("mul", null, spread, NormSlope(builder, context.Input(0), p))];
    }

    /// <summary>sign(x) |x|^(p-1).</summary>
    internal static Value NormSlope(GraphBuilder builder, Value x, double p)
    {
        var sign = builder.Apply("sign", null, x);
        if (p == 1) return sign;
        if (p == 2) return x;
        return builder.Apply("mul", null, sign, builder.Apply("pow", null, builder.Apply("abs", null, x), builder.Constant((float)(p - 1))));
    }

    /// <summary>The kernel's name for a p-norm.</summary>
    internal static PoolingKind KindOf(double p) => p == 1 ? PoolingKind.Norm1 : p == 2 ? PoolingKind.Norm2 : PoolingKind.NormP;

    private static Value Import(ImportNode node)
    {
        var axes = PoolImport.Axes(node);
        // p was a real number in opset 1 and a whole one afterwards.
        var p = node.Opset < 2 ? node.Real("p", 2) : node.Integer("p", 2);
        return node.Emit($"lp_pool{axes}d", PoolImport.Attributes(node, axes).With(P, p), node.Input(0));
    }

    /// <summary>The exponent, which is a whole number in ONNX.</summary>
    internal static long WholeExponent(ExportNode node)
    {
        var p = node.Get(P);
        if (p != Math.Floor(p)) node.Refuse($"its exponent {p} is no whole number");
        return (long)p;
    }
}
