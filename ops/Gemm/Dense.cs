using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Gemm;

/// <summary>A fully connected layer over the last axis: y[..., u] = bias[u] + sum over i of x[..., i] * w[u, i].</summary>
public sealed partial class Dense : Operator, IExportable
{
    /// <summary>Number of units.</summary>
    public static AttributeDefinition<long> Units { get; } = new("units", "Number of units; may be left out when 'weight' is given.", 0) { Minimum = 1 };

    /// <summary>Whether a bias comes into being.</summary>
    public static AttributeDefinition<bool> HasBias { get; } = new("bias", "Whether a bias comes into being with the node.", true);

    /// <inheritdoc/>
    public override string Name => "dense";

    /// <inheritdoc/>
    public override string Summary => "Fully connected layer over the last axis: y[..., u] = bias[u] + sum over i of x[..., i] * w[u, i].";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } =
    [
        new("input", "[..., I]"),
        new("weight", "[units, I]") { IsParameter = true },
        new("bias", "[units]") { Optional = true, IsParameter = true },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Units, HasBias];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterDeclaration> DeclareParameters(InferenceContext context)
    {
        var input = RequireMatrix(context);
        var hasWeight = context.Has(1);
        var units = hasWeight ? context.RequireRank(1, 2)[0] : context.Get(Units);
        if (units < 1) context.Fail("VKN2322", "'units' is missing", "say how many units it has, e.g. units: 10");
        var declarations = new List<ParameterDeclaration>();
        if (!hasWeight) declarations.Add(new("weight", TensorType.Float(units, input[-1]), new ParameterOptions { Initializer = "he" }));
        if (!context.Has(2) && (context.Attributes.Has(HasBias) ? context.Get(HasBias) : !hasWeight))
            declarations.Add(new("bias", TensorType.Float(units), new ParameterOptions()));
        return declarations;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(Reals(3, 67), Reals(31, 67), Reals(31)),
        new(Reals(2, 5, 7), Reals(9, 7)),
        new(Reals(33, 128), Reals(65, 128), Reals(65)),
    ];

    /// <inheritdoc/>
    public void Export(ExportNode node)
    {
        if (node.ShapeOf(0).Rank == 2)
        {
            node.Result("Gemm", node.Inputs, ("transB", true));
            return;
        }
        var weight = node.Step("Transpose", [node.Inputs[1]], ("perm", new long[] { 1, 0 }));
        if (node.Has(2)) node.Result("Add", [node.Step("MatMul", [node.Inputs[0], weight]), node.Inputs[2]]);
        else node.Result("MatMul", [node.Inputs[0], weight]);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.RequireFloat(0);
        var (input, weight) = (RequireMatrix(context), context.RequireRank(1, 2));
        if (input[-1] != weight[1])
            context.Fail("VKN2323", $"the input {input} has {input[-1]} features, but the weight {weight} takes {weight[1]}", "input: [..., I], weight: [units, I]");
        if (context.Attributes.Has(Units) && context.Get(Units) != weight[0])
            context.Fail("VKN2324", $"'units' is {context.Get(Units)}, but weight {weight} holds {weight[0]}");
        if (context.Has(2) && context.ShapeOf(2) is var bias && (bias.Rank != 1 || bias[0] != weight[0]))
            context.Fail("VKN2325", $"the bias has shape {bias}, but the weight {weight} holds {weight[0]} units", "bias: [units]");
        return [new TensorType(type.DataType, input.With(-1, weight[0]))];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (units, features) = ((int)context.ShapeOf(1)[0], (int)context.ShapeOf(1)[1]);
        var (x, w, bias) = (context.Reals(0), context.Reals(1), context.Has(2) ? context.Reals(2) : new double[units]);
        var result = new double[context.Output(0).Shape.ElementCount];
        Parallel.For(0, units == 0 ? 0 : result.Length / units, row =>
        {
            for (var u = 0; u < units; u++)
            {
                var sum = bias[u];
                for (var i = 0; i < features; i++) sum += x[row * features + i] * w[u * features + i];
                result[row * units + u] = sum;
            }
        });
        context.SetReals(0, result);
    }

    /// <inheritdoc/>
    public override OperatorCost Cost(Node node) => new(2.0 * node.Outputs[0].Shape.ElementCount * node.Inputs[1]!.Shape[1], base.Cost(node).Bytes);

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var (builder, input, weight) = (context.Builder, context.Input(0), context.Input(1));
        var (units, features) = (weight.Shape[0], weight.Shape[1]);
        var rows = input.Shape.Product(0, input.Shape.Rank - 1);
        var upstream = Views.To(builder, context.Upstream, [rows, units]);
        var result = new Value?[context.Node.OperatorInputCount];
        if (context.Needed[0]) result[0] = Views.To(builder, builder.Apply("matmul", null, upstream, weight), input.Shape);
        if (context.Needed[1])
            result[1] = builder.Apply("matmul", AttributeSet.Empty.With(MatMul.TransposeA, true), upstream, Views.To(builder, input, [rows, features]));
        if (result.Length > 2 && context.Needed[2])
            result[2] = Views.To(builder, GradientShapes.ReduceTo(builder, upstream, [1, units]), [units]);
        return result;
    }

    private static Shape RequireMatrix(InferenceContext context)
    {
        var input = context.ShapeOf(0);
        if (input.Rank == 0) context.Fail("VKN2326", "the input is a scalar", "input: [..., I]");
        return input;
    }
}
