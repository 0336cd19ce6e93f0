using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Operators.Convolution;
using VkNet.Operators.Gemm;
using VkNet.Operators.Import;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Normalization;

/// <summary>
/// Local response normalisation across channels (Krizhevsky 2012): y = x / (bias + alpha / size * sum of x^2 over the channels
/// c - floor((size - 1) / 2) ... c + ceil((size - 1) / 2))^beta.
/// </summary>
public sealed class LocalResponseNorm : Operator, ILowering, IImportable, IExportable
{
    /// <summary>Number of channels summed over.</summary>
    public static AttributeDefinition<long> Size { get; } = new("size", "Number of neighbouring channels whose squares are added.", required: true) { Minimum = 1 };

    /// <summary>Factor of the sum.</summary>
    public static AttributeDefinition<double> Alpha { get; } = new("alpha", "Factor of the mean of squares.", 1e-4);

    /// <summary>Exponent.</summary>
    public static AttributeDefinition<double> Beta { get; } = new("beta", "Exponent.", 0.75);

    /// <summary>Summand.</summary>
    public static AttributeDefinition<double> Bias { get; } = new("bias", "Summand under the exponent.", 1);

    /// <inheritdoc/>
    public override string Name => "local_response_norm";

    /// <inheritdoc/>
    public override string Summary => "Local response normalisation across channels: y = x / (bias + alpha / size * sum of x^2 over neighbouring channels)^beta.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "[N, C, ...]")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Size, Alpha, Beta, Bias];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("LRN", 1, node => node.Emit("local_response_norm",
            AttributeSet.Empty.With(Size, node.Integer("size", 0)).With(Alpha, node.Real("alpha", 1e-4)).With(Beta, node.Real("beta", 0.75)).With(Bias, node.Real("bias", 1)), node.Input(0))),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new OperatorSample(Reals(2, 7, 5, 3)).With(Size, 5), new OperatorSample(Reals(1, 4, 9)).With(Size, 2).With(Alpha, 0.5).With(Beta, 0.5).With(Bias, 2)];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("LRN", node.Inputs,
        ("size", node.Get(Size)), ("alpha", node.Get(Alpha)), ("beta", node.Get(Beta)), ("bias", node.Get(Bias)));

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.RequireFloat(0);
        NormalizationAttributes.RequireChannels(context);
        if (context.Get(Size) < 1) context.Fail("VKN2359", $"'size' is {context.Get(Size)}", "it must be at least 1");
        return [type];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (x, shape, size) = (context.Reals(0), context.ShapeOf(0), context.Get(Size));
        var (channels, positions) = (shape[1], shape.Product(2, shape.Rank));
        var result = new double[x.Length];
        for (long i = 0; i < x.Length; i++)
        {
            var channel = i / positions % channels;
            double squares = 0;
            for (var c = Math.Max(0, channel - (size - 1) / 2); c <= Math.Min(channels - 1, channel + size / 2); c++)
                squares += Math.Pow(x[i + (c - channel) * positions], 2);
            result[i] = x[i] / Math.Pow(context.Get(Bias) + context.Get(Alpha) / size * squares, context.Get(Beta));
        }
        context.SetReals(0, result);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<WindowExtent>? Window(Node node) => WindowExtent.Pointwise(node.Outputs[0]);

    /// <inheritdoc/>
    public bool AcceptsEpilogue(Node node) => true;

    /// <inheritdoc/>
    public bool AcceptsOperand(Node node, Value operand) => NormalizationAttributes.IsFullOrSingle(node, operand);

    /// <inheritdoc/>
    public LayoutChoice Layouts(Node node, DeviceProfile profile) => LayoutChoice.Either;

    /// <inheritdoc/>
    public Graphs.Layout InputLayout(Node node, int input, Graphs.Layout layout) => ChannelEpilogue.InputLayout(node, input, layout);

    /// <inheritdoc/>
    public void Lower(LoweringContext context) =>
        NormalizationKernels.LocalResponse(context, context.Get(Size), context.Get(Alpha), context.Get(Beta), context.Get(Bias));

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        // With s = bias + alpha / size * W(x^2): dx = g s^-beta - 2 alpha beta / size * x * W'(g x s^(-beta - 1)), W adding up
        // neighbouring channels and W' looking the other way. W is an average over a column of channels.
        var (node, builder) = (context.Node, context.Builder);
        var (size, alpha, beta) = (node.Get(Size), node.Get(Alpha), node.Get(Beta));
        var shape = context.Input(0).Shape;
        Shape columns = [shape[0], 1, shape[1], shape.Product(2, shape.Rank)];
        var (x, g) = (Formula.Of(context, Views.To(builder, context.Input(0), columns)), Formula.Of(context, Views.To(builder, context.Upstream, columns)));
        var s = Window(x * x, (size - 1) / 2, size / 2).Affine(alpha, node.Get(Bias));
        var power = s.Apply("pow", s.Constant(-beta));
        var spread = Window(g * x * power / s, size / 2, (size - 1) / 2);
        var gradient = g * power - x * spread * (2 * alpha * beta);
        return [Views.To(builder, gradient, shape)];

        Formula Window(Formula value, long before, long after) => value.Apply("avg_pool2d", AttributeSet.Empty
            .With(WindowAttributes.Kernel, [size, 1]).With(WindowAttributes.Padding, [before, 0, after, 0]).With(Pooling.PoolAttributes.CountIncludePad, true));
    }
}
