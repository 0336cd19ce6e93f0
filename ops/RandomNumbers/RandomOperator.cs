using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Tensors;
using VkNet.Training;

namespace VkNet.Operators.RandomNumbers;

/// <summary>
/// Base of the operators that make random numbers with Philox4x32-10: the numbers are a function of seed, stream and counter alone, the
/// same on the host and on every device. A node with a counter that changes from run to run gives new numbers in every run; without one it
/// gives the same in every run, except in training, where the training's counter is supplied.
/// </summary>
public abstract class RandomOperator : Operator, ILowering, ITrainingMode
{
    /// <summary>Name of the carried counter of imported models and of graphs without a training counter.</summary>
    private const string CounterName = "random/counter";

    private protected const int GroupSize = 256;

    /// <summary>Chooses the numbers.</summary>
    public static AttributeDefinition<long> Seed { get; } = new("seed", "Chooses the numbers; any whole number.", 0);

    /// <summary>Chooses one of many independent streams under a seed.</summary>
    public static AttributeDefinition<long> Stream { get; } = new("stream", "Chooses one of many independent streams under a seed: two nodes with equal seeds and streams give equal numbers.", 0);

    private protected static OperandDefinition CounterOperand { get; } = new("counter", "[] or [1], i32: another counter gives other numbers; without one they are the same in every run of an inference graph") { Optional = true };

    /// <summary>Which input the counter is.</summary>
    private protected abstract int CounterInput { get; }

    /// <inheritdoc/>
    public override bool IsConstantSource => true;

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<Value> BuildTraining(TrainingModeContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var node = context.Node;
        var inputs = context.Inputs.Concat(Enumerable.Repeat<Value?>(null, Inputs.Count - context.Inputs.Count)).ToArray();
        var attributes = node.Attributes;
        if (inputs[CounterInput] is null)
        {
            inputs[CounterInput] = context.Counter;
            attributes = attributes.With(Seed, unchecked((long)context.Seed + attributes.Get(Seed))).With(Stream, context.NextStream());
        }
        return context.Builder.Add(this, attributes, inputs, null, node.Location);
    }

    /// <inheritdoc/>
    public abstract void Lower(LoweringContext context);

    /// <summary>No gradient: numbers that come from a counter do not depend on anything differentiable.</summary>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context) => [];

    /// <summary>The counter of an imported model: carried, and one more in every run, so that each run gives other numbers.</summary>
    internal static Value CounterOf(GraphBuilder builder)
    {
        if (builder.Find(CounterName) is { } found) return found;
        var counter = builder.State(CounterName, Tensor.Zeros(DataType.Int32, Shape.Scalar));
        var one = Tensor.Zeros(DataType.Int32, Shape.Scalar);
        ElementConversion.StoreIntegers(one, [1]);
        builder.SetState(counter, builder.Apply("add", null, counter, builder.Constant(one)));
        return counter;
    }

    /// <summary>The seed of an imported node, a real in ONNX, and a stream of the node's own.</summary>
    internal static AttributeSet ImportedSeed(ImportNode node) => AttributeSet.Empty
        .With(Seed, (long)BitConverter.SingleToUInt32Bits((float)node.Real("seed", 0)))
        .With(Stream, unchecked((long)PhiloxRandom.StreamOf(node.Name)));

    /// <summary>Refuses a counter that is not one whole number.</summary>
    private protected void CheckCounter(InferenceContext context)
    {
        if (!context.Has(CounterInput)) return;
        var type = context.Input(CounterInput);
        if (type.DataType is not (DataType.Int32 or DataType.Int64) || type.Shape.ElementCount != 1)
            context.Fail("VKN2700", $"the counter is {type}, but one whole number (i32) is needed");
    }

    private protected RandomStream StreamOf(HostContext context) => new(unchecked((ulong)context.Get(Seed)), unchecked((ulong)context.Get(Stream)), context.Has(CounterInput) ? unchecked((uint)context.Integers(CounterInput)[0]) : 0);

    /// <summary>The counter on the device; a zero where the node has none.</summary>
    private protected DeviceTensor DeviceCounter(LoweringContext context)
    {
        if (context.Has(CounterInput)) return context.Input(CounterInput);
        var zero = context.Workspace("counter", new TensorType(DataType.Int32, Shape.Scalar));
        context.Fill(zero);
        return zero;
    }

    /// <summary>Seed and stream as the kernels take them.</summary>
    private protected static uint[] DeviceSeed(LoweringContext context)
    {
        var (seed, stream) = unchecked(((ulong)context.Get(Seed), (ulong)context.Get(Stream)));
        return unchecked([(uint)seed, (uint)(seed >> 32), (uint)stream, (uint)(stream >> 32)]);
    }
}
