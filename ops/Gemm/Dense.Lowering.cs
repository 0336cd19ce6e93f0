using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Operators.Convolution;

namespace VkNet.Operators.Gemm;

/// <content>How fully connected layers are run on a device.</content>
public sealed partial class Dense : ILowering, IChannelLinear, IFullyConnected, ITunable
{
    /// <inheritdoc/>
    public bool? HasUnitsFirst(Node node) => true;

    /// <inheritdoc/>
    public bool IsChannelLinear(Node node) => node.Outputs[0].Shape.Rank == 2;

    /// <inheritdoc/>
    public IReadOnlyList<Value?> Absorb(Node node, IReadOnlyList<Value?> inputs, Value scale, Value shift, NodeEmitter emit) => ChannelScaling.Absorb(inputs, 0, scale, shift, emit);

    /// <inheritdoc/>
    public bool AcceptsEpilogue(Node node) => true;

    /// <inheritdoc/>
    public (int Steps, int Operands) EpilogueCost(Node node) => HasBiasInput(node) ? (1, 1) : (0, 0);

    /// <inheritdoc/>
    public bool AcceptsOperand(Node node, Value operand) => ColumnEpilogue.Accepts(node, operand);

    /// <inheritdoc/>
    public Graphs.Layout InputLayout(Node node, int input, Graphs.Layout layout) => Graphs.Layout.Dense;

    /// <inheritdoc/>
    public IEnumerable<string> Variants(Node node, DeviceProfile profile) => PackedTiles.Candidates(profile).Concat(SplitProduct.Candidates);

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (input, weight, result) = (context.Input(0), context.Input(1), context.Output(0));
        var (units, features) = (weight.Shape[0], weight.Shape[1]);
        var bias = context.Has(2) ? context.Input(2) : null;
        var (program, operands) = BiasEpilogue.Of(context, bias, OperandMode.Column, ColumnEpilogue.Operands(context));
        var rows = input.Shape.Product(0, input.Shape.Rank - 1);
        MatrixProductLowering.Lower(context, new MatrixProduct
        {
            Rows = rows, Columns = units, Depth = features,
            Left = new MatrixOperand(input, features, 1, new long[4]),
            Right = new MatrixOperand(weight, 1, features, new long[4]),
            Result = result, ResultRowElements = units, ResultBatchElements = rows * units,
            Program = program, Operands = operands,
        });
    }

    private static bool HasBiasInput(Node node) => node.OperatorInputCount > 2 && node.Inputs[2] is not null;
}
