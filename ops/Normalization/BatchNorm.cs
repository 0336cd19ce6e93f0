using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Operators.Convolution;
using VkNet.Operators.Gemm;
using VkNet.Operators.Import;
using VkNet.Operators.Pointwise;
using VkNet.Tensors;
using VkNet.Training;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Normalization;

/// <summary>
/// Batch normalisation (Ioffe, Szegedy 2015): y = (x - mean) / sqrt(variance + epsilon) * scale + bias, per channel. In inference mean and
/// variance are the inputs of that name; in training those of the batch, and two more outputs give the running ones' next values,
/// momentum * running + (1 - momentum) * batch (the batch's variance divided by the number of elements).
/// </summary>
public sealed class BatchNorm : Operator, ILowering, IChannelAffine, IImportable, IExportable, ITrainingMode
{
    /// <summary>Which statistics are used.</summary>
    public static AttributeDefinition<string> Mode { get; } = new("mode", "Which statistics are used: 'infer' the running ones, 'train' the batch's; 'auto' is resolved when the graph is compiled, and means 'infer' until then.", "auto") { Choices = ["auto", "infer", "train"] };

    /// <summary>How much of the running statistics stays.</summary>
    public static AttributeDefinition<double> Momentum { get; } = new("momentum", "How much of the running statistics stays in a training step.", 0.9);

    /// <inheritdoc/>
    public override string Name => "batch_norm";

    /// <inheritdoc/>
    public override string Summary => "Batch normalisation: y = (x - mean) / sqrt(variance + epsilon) * scale + bias per channel, with running statistics or the batch's.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } =
    [
        new("input", "[N, C, ...]"),
        new("scale", "[C]") { IsParameter = true },
        new("bias", "[C]") { IsParameter = true },
        new("mean", "[C], the running mean") { IsParameter = true },
        new("variance", "[C], the running variance") { IsParameter = true },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => ["output", "running_mean", "running_variance"];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [NormalizationAttributes.Epsilon, Momentum, Mode];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } = [new ImportRule("BatchNormalization", 1, Import)];

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterDeclaration> DeclareParameters(InferenceContext context)
    {
        var channels = NormalizationAttributes.RequireChannels(context)[1];
        var frozen = new ParameterOptions { Frozen = true };
        List<ParameterDeclaration> declarations = [];
        if (!context.Has(1)) declarations.Add(NormalizationAttributes.Ones("scale", [channels]));
        if (!context.Has(2)) declarations.Add(NormalizationAttributes.Zeros("bias", [channels]));
        if (!context.Has(3)) declarations.Add(new("mean", TensorType.Float(channels), frozen));
        if (!context.Has(4)) declarations.Add(new("variance", TensorType.Float(channels), frozen with { Initializer = "ones" }));
        return declarations;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        .. new[] { "infer", "train" }.Select(mode => new OperatorSample(Reals(3, 5, 7, 9), Reals(5), Reals(5), Reals(5), RealsWithin(0.5, 2, 5)).With(Mode, mode)),
        new OperatorSample(Reals(33, 5), Reals(5), Reals(5), Reals(5), RealsWithin(0.5, 2, 5)).With(Mode, "train"),
    ];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("BatchNormalization", node.Inputs,
        ("epsilon", node.Get(NormalizationAttributes.Epsilon)), ("momentum", node.Get(Momentum)), ("training_mode", node.Get(Mode) == "train"));

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.RequireFloat(0);
        var shape = NormalizationAttributes.RequireChannels(context);
        NormalizationAttributes.CheckEpsilon(context);
        for (var i = 1; i <= 4; i++) NormalizationAttributes.RequirePerChannel(context, i, shape[1]);
        if (context.Get(Mode) is not ("auto" or "infer" or "train")) context.Fail("VKN2356", $"'mode' is {context.Get(Mode)}", "choose auto, infer or train");
        if (context.Get(Mode) != "train") return [type];
        var perChannel = type with { Shape = [shape[1]] };
        return [type, perChannel, perChannel];
    }

    /// <summary>In training the batch's statistics are used, and the running ones, if they are parameters, are carried along; a node that asks for the running ones keeps them.</summary>
    public IReadOnlyList<Value> BuildTraining(TrainingModeContext context)
    {
        var node = context.Node;
        if (node.Get(Mode) == "infer") return context.Builder.Add(this, node.Attributes, context.Inputs, node.Name, node.Location);
        var outputs = context.Builder.Add(this, node.Attributes.With(Mode, "train"), context.Inputs, node.Name, node.Location);
        for (var i = 0; i < 2; i++)
            if (context.Inputs[3 + i] is { Kind: ValueKind.Parameter } running) context.SetState(running, outputs[1 + i]);
        return outputs;
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var shape = context.ShapeOf(0);
        var groups = new ElementGroups(shape[0], shape[1], shape.Product(2, shape.Rank), 1);
        var (values, epsilon) = (context.Reals(0), context.Get(NormalizationAttributes.Epsilon));
        var (mean, variance) = (context.Reals(3), context.Reals(4));
        if (context.Get(Mode) == "train")
        {
            var (keep, running) = (context.Get(Momentum), (mean, variance));
            (mean, variance) = HostNormalization.Statistics(values, groups);
            context.SetReals(1, [.. running.mean.Zip(mean, (old, now) => keep * old + (1 - keep) * now)]);
            context.SetReals(2, [.. running.variance.Zip(variance, (old, now) => keep * old + (1 - keep) * now)]);
        }
        HostNormalization.Apply(values, groups, c => mean[c], c => 1 / Math.Sqrt(variance[c] + epsilon), context.Reals(1), context.Reals(2), new ScalePlacement(1, Math.Max(1, shape[1]), 1, Math.Max(1, groups.Size)));
        context.SetReals(0, values);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<WindowExtent>? Window(Node node) => node.Outputs.Count > 1 ? null : WindowExtent.Pointwise(node.Outputs[0]);

    /// <inheritdoc/>
    public bool AcceptsEpilogue(Node node) => node.Outputs.Count == 1;

    /// <inheritdoc/>
    public bool AcceptsOperand(Node node, Value operand) => NormalizationAttributes.IsFullOrSingle(node, operand)
        || (operand.DataType == DataType.Float32 && node.Outputs[0].Shape.Rank > 2 && OperandShapes.Classify(node.Outputs[0].Shape, operand.Shape) == OperandShape.Channel);

    /// <inheritdoc/>
    public LayoutChoice Layouts(Node node, DeviceProfile profile) => node.Outputs.Count == 1 ? LayoutChoice.Either : LayoutChoice.Dense;

    /// <inheritdoc/>
    public Graphs.Layout InputLayout(Node node, int input, Graphs.Layout layout) => ChannelEpilogue.InputLayout(node, input, layout);

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var input = context.Input(0);
        var (mean, variance) = (context.Input(3), context.Input(4));
        if (context.Get(Mode) == "train")
        {
            mean = context.Workspace("mean", mean.Type);
            variance = context.Workspace("variance", variance.Type);
            NormalizationKernels.Statistics(context, NormalizationKernels.PerChannel(input, perImage: false), input, mean, variance, null);
            NormalizationKernels.Running(context, context.Input(3), context.Input(4), mean, variance, context.Get(Momentum));
        }
        NormalizationKernels.ChannelAffine(context, mean, variance, context.Input(1), context.Input(2), context.Get(NormalizationAttributes.Epsilon));
    }

    /// <inheritdoc/>
    public bool IsChannelAffine(Node node) => node.Get(Mode) != "train";

    /// <inheritdoc/>
    public (Value Scale, Value Shift) ToAffine(Node node, IReadOnlyList<Value?> inputs, NodeEmitter emit)
    {
        var (scale, bias, mean, variance) = (inputs[1], inputs[2], inputs[3], inputs[4]);
        var none = AttributeSet.Empty;
        var deviation = emit.Emit("deviation", "sqrt", none, emit.Emit("variance", "affine", none.With(Affine.Shift, node.Get(NormalizationAttributes.Epsilon)), variance));
        var factor = emit.Emit("scale", "div", none, scale, deviation);
        return (factor, emit.Emit("shift", "sub", none, bias, emit.Emit("mean_scaled", "mul", none, mean, factor)));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        if (context.OutputGradients.Skip(1).Any(g => g is not null)) return base.Differentiate(context);
        var (node, builder, shape) = (context.Node, context.Builder, context.Input(0).Shape);
        Shape perChannel = new([1, shape[1], .. Enumerable.Repeat(1L, shape.Rank - 2)]);
        Formula PerChannel(int input) => Formula.Of(context, Views.To(builder, context.Input(input), perChannel));
        Value Reduced(Value value) => Views.To(builder, GradientShapes.ReduceTo(builder, value, perChannel), [shape[1]]);
        var (x, upstream, epsilon) = (Formula.Of(context, context.Input(0)), Formula.Of(context, context.Upstream), node.Get(NormalizationAttributes.Epsilon));
        if (node.Get(Mode) == "train")
        {
            long[] axes = [0, .. Enumerable.Range(2, shape.Rank - 2).Select(a => (long)a)];
            var (gradient, batchNormalized) = NormalizationGradient.Of(x, upstream, PerChannel(1), axes, epsilon);
            return [gradient, Reduced(upstream * batchNormalized), Reduced(upstream), null, null];
        }
        var inverse = (PerChannel(4) + epsilon).Apply("rsqrt");
        var normalized = (x - PerChannel(3)) * inverse;
        var scaled = upstream * (PerChannel(1) * inverse);
        return
        [
            scaled,
            context.Needed[1] ? Reduced(upstream * normalized) : null,
            context.Needed[2] ? Reduced(upstream) : null,
            context.Needed[3] ? Reduced(-scaled) : null,
            context.Needed[4] ? Reduced(scaled * normalized * inverse * -0.5) : null,
        ];
    }

    private static IReadOnlyList<Value> Import(ImportNode node)
    {
        if (node.Integer("spatial", 1) == 0) node.Fail("VKN3252", "statistics per position (spatial = 0) are not known", "only statistics per channel are");
        // Before opset 14 a node of one output infers; before opset 7 'is_test' said so, which many exporters left out.
        var wanted = node.OutputNames.Count(n => n.Length > 0);
        var training = node.Opset >= 14 ? node.Integer("training_mode", 0) != 0 : wanted > 1 && node.Integer("is_test", 0) == 0;
        var attributes = AttributeSet.Empty.With(NormalizationAttributes.Epsilon, node.Real("epsilon", 1e-5)).With(Momentum, node.Real("momentum", 0.9)).With(Mode, training ? "train" : "infer");
        var outputs = node.EmitAll("batch_norm", attributes, node.Input(0), node.Input(1), node.Input(2), node.Input(3), node.Input(4));
        if (node.OutputNames.Count > (training ? 3 : 1) && node.OutputNames.Skip(training ? 3 : 1).Any(n => n.Length > 0))
            node.Fail("VKN3253", "the saved statistics of opsets below 14 are not known", "only the output and the running statistics are");
        return outputs;
    }
}
