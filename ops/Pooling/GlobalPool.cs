using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Convolution;
using VkNet.Operators.Gemm;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Pooling;

/// <summary>Pools every channel of every image over all positions: the mean, the largest element or the p-norm. The spatial axes become 1.</summary>
public sealed class GlobalPool : PoolOperator, IImportable, IExportable
{
    private readonly string _kind;

    /// <summary>Makes the operator.</summary>
    /// <param name="kind"><c>avg</c>, <c>max</c> or <c>lp</c>.</param>
    /// <param name="axes">Number of spatial axes: 1, 2 or 3.</param>
    public GlobalPool(string kind, int axes)
        : base($"global_{kind}_pool", axes)
    {
        _kind = kind;
        Attributes = kind == "lp" ? [LpPool.P] : [];
        var onnxName = kind switch { "avg" => "GlobalAveragePool", "max" => "GlobalMaxPool", _ => "GlobalLpPool" };
        ImportRules = axes == 2 ? [ImportRule.Single(onnxName, 1, Import)] : [];
    }

    /// <inheritdoc/>
    public override string Summary => _kind switch
    {
        "avg" => "The mean of every channel of every image.",
        "max" => "The largest element of every channel of every image.",
        _ => "The p-norm of every channel of every image.",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; }

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new(Planes), new(Reals(ConvolutionTexts.Sizes(Axes, 1, 4, 1)))];

    /// <inheritdoc/>
    public void Export(ExportNode node)
    {
        var type = _kind switch { "avg" => "GlobalAveragePool", "max" => "GlobalMaxPool", _ => "GlobalLpPool" };
        node.Result(type, node.Inputs, _kind == "lp" ? [("p", LpPool.WholeExponent(node))] : []);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.RequireFloat(0);
        var input = context.RequireRank(0, 2 + Axes);
        if (_kind == "lp" && !(context.Get(LpPool.P) > 0)) context.Fail("VKN2330", $"'p' is {context.Get(LpPool.P)}", "the exponent of a norm is above 0");
        return [new TensorType(type.DataType, new Shape([input[0], input[1], .. Enumerable.Repeat(1L, Axes)]))];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var input = context.Reals(0);
        var positions = (int)context.ShapeOf(0).Product(2, context.ShapeOf(0).Rank);
        var p = _kind == "lp" ? context.Get(LpPool.P) : 0;
        var result = new double[context.Output(0).Shape.ElementCount];
        for (var row = 0; row < result.Length; row++)
        {
            var values = new ArraySegment<double>(input, row * positions, positions);
            result[row] = _kind switch
            {
                "avg" => values.Sum() / positions,
                "max" => values.Aggregate(double.NegativeInfinity, Math.Max),
                _ => Math.Pow(values.Sum(v => Math.Pow(Math.Abs(v), p)), 1 / p),
            };
        }
        context.SetReals(0, result);
    }

    /// <inheritdoc/>
    public override void Lower(LoweringContext context)
    {
        var p = _kind == "lp" ? context.Get(LpPool.P) : 1;
        PoolKernels.Global(context, _kind switch { "avg" => PoolingKind.Average, "max" => PoolingKind.Maximum, _ => LpPool.KindOf(p) }, p);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var (builder, input, upstream) = (context.Builder, context.Input(0), context.Upstream);
        var positions = input.Shape.Product(2, input.Shape.Rank);
        if (input.Shape.ElementCount == 0) return [builder.Constant(Tensor.Zeros(input.Type))];
        switch (_kind)
        {
            case "avg":
                var share = builder.Apply("mul", null, upstream, builder.Constant(1f / positions));
                return [builder.Apply("expand", AttributeSet.Empty.With("shape", input.Shape.ToArray()), share)];
            case "max":
                // The first largest element takes all.
                var flat = Views.To(builder, input, [input.Shape[0], input.Shape[1], positions]);
                var winner = builder.Apply("argmax", AttributeSet.Empty.With("axis", 2L).With("keep_dims", true), flat);
                var numbers = builder.Constant(Tensor.From(Enumerable.Range(0, (int)positions).Select(i => (long)i).ToArray(), 1, 1, positions));
                var gradient = Views.To(builder, upstream, [input.Shape[0], input.Shape[1], 1]);
                var chosen = builder.Apply("where", null, builder.Apply("equal", null, numbers, winner), gradient, builder.Constant(0f));
                return [Views.To(builder, chosen, input.Shape)];
            default:
                var p = context.Node.Get(LpPool.P);
                var (y, zero) = (context.Output(0), builder.Constant(0f));
                var scaled = builder.Apply("mul", null, upstream, builder.Apply("pow", null, y, builder.Constant((float)(1 - p))));
                var safe = builder.Apply("where", null, builder.Apply("greater", null, y, zero), scaled, zero);
                return [builder.Apply("mul", null, LpPool.NormSlope(builder, input, p), safe)];
        }
    }

    private Value Import(ImportNode node)
    {
        var input = node.Input(0);
        var axes = input.Shape.Rank - 2;
        if (axes < 1) node.Fail("VKN3210", $"{input.Type} has no spatial axes to pool over");
        var attributes = _kind == "lp" ? AttributeSet.Empty.With(LpPool.P, node.Opset < 2 ? node.Real("p", 2) : node.Integer("p", 2)) : AttributeSet.Empty;
        if (axes <= 3) return node.Emit($"global_{_kind}_pool{axes}d", attributes, input);
        var flat = Views.To(node.Builder, input, [input.Shape[0], input.Shape[1], input.Shape.Product(2, input.Shape.Rank)]);
        return Views.To(node.Builder, node.Emit($"global_{_kind}_pool1d", attributes, flat), new Shape([input.Shape[0], input.Shape[1], .. Enumerable.Repeat(1L, axes)]));
    }
}
