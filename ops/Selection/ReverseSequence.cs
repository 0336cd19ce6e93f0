using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Selection;

/// <summary>Reverses the beginning of every sequence of a batch, each to its own length.</summary>
public sealed class ReverseSequence : Operator, ILowering, IImportable, IExportable
{
    private const int GroupSize = 256;

    /// <summary>The axis of time.</summary>
    public static AttributeDefinition<long> TimeAxis { get; } = new("time_axis", "The axis of time.", 0);

    /// <summary>The axis of the batch.</summary>
    public static AttributeDefinition<long> BatchAxis { get; } = new("batch_axis", "The axis of the batch.", 1);

    /// <inheritdoc/>
    public override string Name => "reverse_sequence";

    /// <inheritdoc/>
    public override string Summary => "The first lengths[b] steps of every sequence b in reverse order, the rest as they are.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "with an axis of time and one of the batch"), new("lengths", "[batch], whole numbers")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [TimeAxis, BatchAxis];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("ReverseSequence", 10, node => node.Emit("reverse_sequence", AttributeSet.Empty.With(TimeAxis, node.Integer("time_axis", 0)).With(BatchAxis, node.Integer("batch_axis", 1)), node.Input(0), node.Input(1))),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new(Reals(7, 3, 5), Integers(0, 7, 3)), new OperatorSample(Reals(3, 7), Integers(0, 7, 3)).With(TimeAxis, 1).With(BatchAxis, 0)];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("ReverseSequence",
        [node.Inputs[0], node.TypeOf(1).DataType == DataType.Int64 ? node.Inputs[1] : node.Step("Cast", [node.Inputs[1]], ("to", OnnxElementType.FromDataType(DataType.Int64)))],
        ("time_axis", node.Get(TimeAxis)), ("batch_axis", node.Get(BatchAxis)));

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var (type, lengths) = (context.Input(0), context.Input(1));
        var (time, batch) = (context.Axis(context.Get(TimeAxis), type.Shape.Rank), context.Axis(context.Get(BatchAxis), type.Shape.Rank));
        if (time == batch) context.Fail("VKN2181", $"time and batch are both axis {time}");
        if (!lengths.DataType.IsInteger() || lengths.Shape != new Shape(type.Shape[batch])) context.Fail("VKN2181", $"the lengths are {lengths}, but {type.Shape[batch]} whole numbers are needed", $"one for every index of axis {batch} of {type}");
        return [type];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (shape, lengths) = (context.ShapeOf(0), context.Integers(1));
        var (time, batch) = (Index(shape, context.Get(TimeAxis)), Index(shape, context.Get(BatchAxis)));
        var (strides, source) = (shape.Strides(), new long[shape.ElementCount]);
        for (var i = 0L; i < source.Length; i++)
        {
            var t = i / strides[time] % shape[time];
            var length = Math.Clamp(lengths[i / strides[batch] % shape[batch]], 0, shape[time]);
            source[i] = t < length ? i + (length - 1 - 2 * t) * strides[time] : i;
        }
        context.Move(0, 0, source);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (input, output) = (context.Input(0), context.Output(0));
        var shape = input.Shape;
        if (shape.ElementCount == 0) return;
        var (time, batch) = (Index(shape, context.Get(TimeAxis)), Index(shape, context.Get(BatchAxis)));
        var (first, second) = (Math.Min(time, batch), Math.Max(time, batch));
        context.Dispatch(IndexingReverseSequence.Variants.Baseline)
            .Parameters(new IndexingReverseSequence.Parameters
            {
                Count = checked((int)shape.ElementCount), First = (int)shape[first], Middle = (int)shape.Product(first + 1, second), Second = (int)shape[second], Inner = (int)shape.Product(second + 1, shape.Rank),
            })
            .Constant(IndexingReverseSequence.Constants.TimeFirst, time == first ? 1 : 0)
            .Bind(IndexingReverseSequence.Bindings.Source, input)
            .Bind(IndexingReverseSequence.Bindings.Lengths, context.Input(1))
            .Bind(IndexingReverseSequence.Bindings.Target, output)
            .Cost(0, 2.0 * output.Bytes)
            .RunLinear((shape.ElementCount + 3) / 4, GroupSize);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context) =>
        [context.Builder.Apply("reverse_sequence", context.Node.Attributes, context.Upstream, context.Input(1)), null];

    private static int Index(Shape shape, long axis) => (int)(axis < 0 ? axis + shape.Rank : axis);
}
