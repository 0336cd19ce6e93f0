using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Convolution;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Gemm;

/// <summary>
/// Several fully connected layers of one input, side by side: y[p, ..., u] = bias[p * units + u] + sum over i of x[..., i] * w[p * units + u, i].
/// Emitted where layers that share their input are merged; each part of the result is contiguous.
/// </summary>
public sealed class MergedDense : Operator, ILowering
{
    /// <summary>Number of layers.</summary>
    public static AttributeDefinition<long> Parts { get; } = new("parts", "Number of layers.", 2) { Minimum = 1 };

    /// <inheritdoc/>
    public override string Name => "merged_dense";

    /// <inheritdoc/>
    public override string Summary => "Fully connected layers of one input, side by side: y[p, ..., u] = bias[p * units + u] + sum over i of x[..., i] * w[p * units + u, i].";

    /// <inheritdoc/>
    public override bool IsPublic => false;

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "[..., I]"), new("weight", "[parts * units, I]"), new("bias", "[parts * units]") { Optional = true }];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Parts];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(3, 5), Reals(12, 5), Reals(12)).With(Parts, 3),
        new OperatorSample(Reals(2, 33, 64), Reals(2 * 68, 64), Reals(2 * 68)).With(Parts, 2),
        new OperatorSample(Reals(65, 130), Reals(4 * 32, 130)).With(Parts, 4),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var (type, weight, parts) = (context.RequireFloat(0), context.RequireRank(1, 2), context.Get(Parts));
        if (type.Shape.Rank == 0 || type.Shape[-1] != weight[1] || weight[0] % (4 * parts) != 0)
            context.Fail("VKN2323", $"the input {type.Shape} does not fit {parts} layers of weight {weight}", "input: [..., I], weight: [parts * units, I], units a multiple of four");
        return [new TensorType(type.DataType, new Shape([parts, .. type.Shape.Take(type.Shape.Rank - 1), weight[0] / parts]))];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (parts, features) = ((int)context.Get(Parts), (int)context.ShapeOf(1)[1]);
        var units = (int)context.ShapeOf(1)[0] / parts;
        var (x, w, bias) = (context.Reals(0), context.Reals(1), context.Has(2) ? context.Reals(2) : new double[parts * units]);
        var result = new double[context.Output(0).Shape.ElementCount];
        var rows = result.Length / Math.Max(1, parts * units);
        for (var part = 0; part < parts; part++)
            for (var row = 0; row < rows; row++)
                for (var u = 0; u < units; u++)
                {
                    var sum = bias[part * units + u];
                    for (var i = 0; i < features; i++) sum += x[row * features + i] * w[(part * units + u) * features + i];
                    result[(part * rows + row) * units + u] = sum;
                }
        context.SetReals(0, result);
    }

    /// <inheritdoc/>
    public override OperatorCost Cost(Node node) => new(2.0 * node.Outputs[0].Shape.ElementCount * node.Inputs[1]!.Shape[1], base.Cost(node).Bytes);

    /// <inheritdoc/>
    public bool AcceptsEpilogue(Node node) => true;

    /// <inheritdoc/>
    public (int Steps, int Operands) EpilogueCost(Node node) => node.OperatorInputCount > 2 && node.Inputs[2] is not null ? (1, 1) : (0, 0);

    /// <inheritdoc/>
    public bool AcceptsOperand(Node node, Value operand) =>
        operand.DataType == DataType.Float32 && OperandShapes.Classify(node.Outputs[0].Shape, operand.Shape) is OperandShape.Full or OperandShape.Single;

    /// <inheritdoc/>
    public Graphs.Layout InputLayout(Node node, int input, Graphs.Layout layout) => Graphs.Layout.Dense;

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (input, weight, result) = (context.Input(0), context.Input(1), context.Output(0));
        var (parts, features, units) = (context.Get(Parts), weight.Shape[1], result.Shape[-1]);
        var rows = input.Shape.Product(0, input.Shape.Rank - 1);
        var (program, operands) = BiasEpilogue.Of(context, context.Has(2) ? context.Input(2) : null, OperandMode.Column, ColumnEpilogue.Operands(context));
        MatrixProductLowering.Lower(context, new MatrixProduct
        {
            Rows = rows, Columns = units, Depth = features, BatchSizes = [1, 1, 1, parts],
            Left = new MatrixOperand(input, features, 1, new long[4]),
            Right = new MatrixOperand(weight, 1, features, [0, 0, 0, units * features]),
            Result = result, ResultRowElements = units, ResultBatchElements = rows * units, OperandBatchColumns = units,
            Program = program, Operands = operands,
        });
    }
}
