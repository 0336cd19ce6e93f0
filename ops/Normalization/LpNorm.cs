using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Reduction;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Normalization;

/// <summary>Divides by the norm along one axis: y = x / |x|, with the sum of absolute values or the root of the sum of squares. What is all zero stays zero.</summary>
public sealed class LpNorm : Operator, ILowering, IImportable, IExportable
{
    /// <summary>The axis.</summary>
    public static AttributeDefinition<long> Axis { get; } = new("axis", "The axis along which the norm is taken.", -1);

    /// <summary>The norm.</summary>
    public static AttributeDefinition<long> P { get; } = new("p", "1 for the sum of absolute values, 2 for the root of the sum of squares.", 2) { Minimum = 1 };

    /// <inheritdoc/>
    public override string Name => "lp_norm";

    /// <inheritdoc/>
    public override string Summary => "Divides by the 1-norm or 2-norm along an axis; what is all zero stays zero.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "any shape but a scalar")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Axis, P];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("LpNormalization", 1, node => node.Emit("lp_norm", AttributeSet.Empty.With(Axis, node.Integer("axis", -1)).With(P, node.Integer("p", 2)), node.Input(0))),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new(Reals(3, 5, 67)), new OperatorSample(Reals(3, 67, 5)).With(Axis, 1).With(P, 1)];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("LpNormalization", node.Inputs, ("axis", node.Get(Axis)), ("p", node.Get(P)));

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.RequireFloat(0);
        context.Axis(context.Get(Axis), type.Shape.Rank);
        if (context.Get(P) is not (1 or 2)) context.Fail("VKN2357", $"'p' is {context.Get(P)}", "1 and 2 are known");
        return [type];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (groups, values, p) = (GroupsOf(context.Attributes, context.ShapeOf(0)), context.Reals(0), context.Get(P));
        var factor = new double[groups.Count];
        for (long g = 0; g < groups.Count; g++)
        {
            double sum = 0;
            for (long i = 0; i < groups.Size; i++) sum += Math.Pow(Math.Abs(values[groups.Place(g, i)]), p);
            factor[g] = sum == 0 ? 0 : 1 / Math.Pow(sum, 1.0 / p);
        }
        HostNormalization.Apply(values, groups, _ => 0, g => factor[g], null, null, ScalePlacement.PerElement);
        context.SetReals(0, values);
    }

    /// <inheritdoc/>
    public bool AcceptsEpilogue(Node node) => true;

    /// <inheritdoc/>
    public bool AcceptsPrologue(Node node) => true;

    /// <inheritdoc/>
    public int PrologueReads(Node node) => NormalizationKernels.Reads;

    /// <inheritdoc/>
    public bool AcceptsOperand(Node node, Value operand) => NormalizationAttributes.IsFullOrSingle(node, operand);

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var groups = GroupsOf(context.Node.Attributes, context.Input(0).Shape);
        NormalizationKernels.Normalize(context, groups, context.Get(P) == 1 ? NormalizationKind.L1 : NormalizationKind.L2, 0, null, null, ScalePlacement.PerElement, groups.Count);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        // dx = (g - s * sum(g * y)) / |x|, s being sign(x) for the 1-norm and y for the 2-norm; 0 where the norm is 0.
        var (x, y, g) = (Formula.Of(context, context.Input(0)), Formula.Of(context, context.Output(0)), Formula.Of(context, context.Upstream));
        var p = context.Node.Get(P);
        var along = AttributeSet.Empty.With(ReductionOperator.Axes, [context.Node.Get(Axis)]).With(ReductionOperator.KeepDimensions, true);
        var norm = x.Apply(p == 1 ? "reduce_l1" : "reduce_l2", along);
        var slope = p == 1 ? x.Apply("sign") : y;
        var gradient = (g - slope * (g * y).Apply("reduce_sum", along)) / norm;
        return [norm.IsAbove(0).Choose(gradient, gradient.Constant(0))];
    }

    private static ElementGroups GroupsOf(AttributeSet attributes, Shape shape)
    {
        var axis = (int)attributes.Get(Axis);
        return ElementGroups.Over(shape, [axis < 0 ? axis + shape.Rank : axis]) ?? throw new InvalidOperationException("one axis always forms groups");
    }
}
