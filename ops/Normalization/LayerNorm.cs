using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Normalization;

/// <summary>
/// Layer normalisation (Ba, Kiros, Hinton 2016), and root-mean-square normalisation (Zhang, Sennrich 2019), which subtracts no mean:
/// y = (x - mean) / sqrt(variance + epsilon) * scale + bias, statistics over the axes from <c>axis</c> on.
/// </summary>
public sealed class LayerNorm : Operator, ILowering, IImportable, IExportable
{
    private readonly bool _subtractsMean;

    /// <summary>Makes the operator.</summary>
    /// <param name="subtractsMean">True for layer normalisation, false for root-mean-square normalisation.</param>
    public LayerNorm(bool subtractsMean)
    {
        _subtractsMean = subtractsMean;
        var scale = new OperandDefinition("scale", "of the normalised axes' sizes") { Optional = true, IsParameter = true };
        OperandDefinition input = new("input", "[..., normalised axes]");
        Inputs = subtractsMean ? [input, scale, new("bias", "of the normalised axes' sizes") { Optional = true, IsParameter = true }] : [input, scale];
        Attributes = subtractsMean ? [NormalizationAttributes.Axis, NormalizationAttributes.Epsilon, WithStatistics] : [NormalizationAttributes.Axis, NormalizationAttributes.Epsilon];
        ImportRules = subtractsMean ? [new ImportRule("LayerNormalization", 1, Import)] : [new ImportRule("RMSNormalization", 23, Import)];
    }

    /// <summary>Whether the statistics are wanted as outputs.</summary>
    public static AttributeDefinition<bool> WithStatistics { get; } = new("statistics", "Whether two more outputs give every group's mean and one over its standard deviation.", false);

    /// <inheritdoc/>
    public override string Name => _subtractsMean ? "layer_norm" : "rms_norm";

    /// <inheritdoc/>
    public override string Summary => _subtractsMean
        ? "Layer normalisation over the axes from 'axis' on: y = (x - mean) / sqrt(variance + epsilon) * scale + bias."
        : "Root-mean-square normalisation over the axes from 'axis' on: y = x / sqrt(mean(x^2) + epsilon) * scale.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => ["output", "mean", "inverse_deviation"];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; }

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterDeclaration> DeclareParameters(InferenceContext context)
    {
        var shape = context.ShapeOf(0);
        var normalized = shape.AsSpan()[AxisOf(context, shape)..];
        List<ParameterDeclaration> declarations = [];
        if (!context.Has(1)) declarations.Add(NormalizationAttributes.Ones("scale", normalized));
        if (_subtractsMean && !context.Has(2)) declarations.Add(NormalizationAttributes.Zeros("bias", normalized));
        return declarations;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample([Reals(5, 67), Reals(67), .. Biases(67)]),
        new OperatorSample([Reals(3, 5, 7), Reals(5, 7), .. Biases(5, 7)]).With(NormalizationAttributes.Axis, 1),
        new OperatorSample([Reals(2, 1025), Reals(1025), .. Biases(1025)]),
    ];

    /// <inheritdoc/>
    public void Export(ExportNode node)
    {
        var axis = AxisOf(node.Node.Attributes, node.ShapeOf(0).Rank);
        if (!_subtractsMean)
        {
            ExportMeanSquare(node, axis);
            return;
        }
        node.Result("LayerNormalization", [node.Inputs[0], node.Has(1) ? node.Inputs[1] : NormalizationAttributes.Ones(node, node.ShapeOf(0).AsSpan()[axis..]), node.Has(2) ? node.Inputs[2] : ""],
            ("axis", node.Get(NormalizationAttributes.Axis)), ("epsilon", node.Get(NormalizationAttributes.Epsilon)));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.RequireFloat(0);
        NormalizationAttributes.CheckEpsilon(context);
        var axis = AxisOf(context, type.Shape);
        var normalized = type.Shape.Slice(axis, type.Shape.Rank - axis);
        for (var i = 1; i <= 2; i++)
            if (context.Has(i) && context.ShapeOf(i) != normalized)
                context.Fail("VKN2353", $"'{InputName(i)}' has shape {context.ShapeOf(i)}, but {normalized} is normalised in {type.Shape} from axis {axis} on", "it must have the sizes of the normalised axes");
        if (!_subtractsMean || !context.Get(WithStatistics)) return [type];
        var statistics = type with { Shape = new Shape([.. type.Shape.Take(axis), .. Enumerable.Repeat(1L, type.Shape.Rank - axis)]) };
        return [type, statistics, statistics];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var groups = GroupsOf(context.Attributes, context.ShapeOf(0));
        var (values, epsilon) = (context.Reals(0), context.Get(NormalizationAttributes.Epsilon));
        var (mean, variance) = HostNormalization.Statistics(values, groups);
        if (!_subtractsMean)
        {
            for (var g = 0; g < mean.Length; g++) (variance[g], mean[g]) = (variance[g] + mean[g] * mean[g], 0);
        }
        var inverse = variance.Select(v => 1 / Math.Sqrt(v + epsilon)).ToArray();
        HostNormalization.Apply(values, groups, g => mean[g], g => inverse[g], context.Has(1) ? context.Reals(1) : null, context.Has(2) ? context.Reals(2) : null, ScalePlacement.PerElement);
        context.SetReals(0, values);
        if (context.OutputCount == 1) return;
        context.SetReals(1, mean);
        context.SetReals(2, inverse);
    }

    /// <inheritdoc/>
    public bool AcceptsEpilogue(Node node) => node.Outputs.Count == 1;

    /// <inheritdoc/>
    public bool AcceptsPrologue(Node node) => node.Outputs.Count == 1;

    /// <inheritdoc/>
    public int PrologueReads(Node node) => NormalizationKernels.Reads;

    /// <inheritdoc/>
    public bool AcceptsOperand(Node node, Value operand) => NormalizationAttributes.IsFullOrSingle(node, operand);

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var groups = GroupsOf(context.Node.Attributes, context.Input(0).Shape);
        var epsilon = context.Get(NormalizationAttributes.Epsilon);
        NormalizationKernels.Normalize(context, groups, _subtractsMean ? NormalizationKind.Variance : NormalizationKind.MeanSquare, epsilon,
            context.Has(1) ? context.Input(1) : null, context.Has(2) ? context.Input(2) : null, ScalePlacement.PerElement, groups.Count);
        if (context.Node.Outputs.Count > 1) NormalizationKernels.Statistics(context, groups, context.Input(0), context.Output(1), context.Output(2), epsilon);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        if (context.OutputGradients.Skip(1).Any(g => g is not null)) return base.Differentiate(context);
        var node = context.Node;
        var x = Formula.Of(context, context.Input(0));
        var axis = AxisOf(node.Attributes, x.Value.Shape.Rank);
        var axes = Enumerable.Range(axis, x.Value.Shape.Rank - axis).Select(a => (long)a).ToArray();
        Formula? scale = node.Inputs.Count > 1 && node.Inputs[1] is { } given ? Formula.Of(context, given) : null;
        var upstream = Formula.Of(context, context.Upstream);
        var gradient = NormalizationGradient.Of(x, upstream, scale, axes, node.Get(NormalizationAttributes.Epsilon), _subtractsMean);
        var result = new Value?[node.OperatorInputCount];
        result[0] = gradient.Input;
        if (result.Length > 1 && context.Needed[1]) result[1] = GradientShapes.ReduceTo(context.Builder, upstream * gradient.Normalized, context.Input(1).Shape);
        if (result.Length > 2 && context.Needed[2]) result[2] = GradientShapes.ReduceTo(context.Builder, upstream, context.Input(2).Shape);
        return result;
    }

    // RMSNormalization came with opset 23.
    private static void ExportMeanSquare(ExportNode node, int axis)
    {
        var x = node.Inputs[0];
        var axes = node.Integers([.. Enumerable.Range(axis, node.ShapeOf(0).Rank - axis).Select(a => (long)a)]);
        var meanSquare = node.Step("ReduceMean", [node.Step("Mul", [x, x]), axes], ("keepdims", true));
        var deviation = node.Step("Sqrt", [node.Step("Add", [meanSquare, node.Scalar(node.Get(NormalizationAttributes.Epsilon), node.TypeOf(0).DataType)])]);
        if (node.Has(1)) node.Result("Mul", [node.Step("Div", [x, deviation]), node.Inputs[1]]);
        else node.Result("Div", [x, deviation]);
    }

    private static int AxisOf(InferenceContext context, Shape shape)
    {
        if (shape.Rank == 0) context.Fail("VKN2354", "a scalar has no axes to normalise over");
        return context.Axis(context.Get(NormalizationAttributes.Axis), shape.Rank);
    }

    private static int AxisOf(AttributeSet attributes, int rank)
    {
        var axis = attributes.Get(NormalizationAttributes.Axis);
        return (int)(axis < 0 ? axis + rank : axis);
    }

    private static ElementGroups GroupsOf(AttributeSet attributes, Shape shape)
    {
        var axis = AxisOf(attributes, shape.Rank);
        return new ElementGroups(1, shape.Product(0, axis), shape.Product(axis, shape.Rank), 1);
    }

    private IReadOnlyList<Value> Import(ImportNode node)
    {
        var input = node.Input(0);
        var axis = node.Integer("axis", -1);
        var first = (int)(axis < 0 ? axis + input.Shape.Rank : axis);
        if (first < 0 || first >= input.Shape.Rank) node.Fail("VKN3250", $"axis {axis} is outside {input.Type}");
        var normalized = input.Shape.AsSpan()[first..].ToArray();
        var attributes = AttributeSet.Empty.With(NormalizationAttributes.Axis, axis).With(NormalizationAttributes.Epsilon, node.Real("epsilon", 1e-5));
        if (!_subtractsMean) return [node.Emit(Name, attributes, input, Fitted(1))];
        var withStatistics = node.OutputNames.Skip(1).Any(n => n.Length > 0);
        return node.EmitAll(Name, attributes.With(WithStatistics, withStatistics), input, Fitted(1), Fitted(2));

        // ONNX lets scale and bias broadcast to the normalised axes.
        Value? Fitted(int index) => !node.HasInput(index) ? null
            : node.Input(index).Shape.AsSpan().SequenceEqual(normalized) ? node.Input(index)
            : node.Emit("expand", AttributeSet.Empty.With(Layout.Expand.Shape, normalized), node.Input(index));
    }

    private SampleInput[] Biases(params long[] sizes) => Inputs.Count > 2 ? [Reals(sizes)] : [];
}
