using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.RandomNumbers;

/// <summary>Random truth values: each is true with the probability that the input holds at its place. Equal to the bit on the host and on every device.</summary>
public sealed class Bernoulli : RandomOperator, IImportable
{
    /// <summary>The element type of the result.</summary>
    public static AttributeDefinition<string> Type { get; } = new("type", "The element type of the result.", "f32") { Choices = ["f32", "f64", "i32", "i64", "bool"] };

    /// <inheritdoc/>
    public override string Name => "bernoulli";

    /// <inheritdoc/>
    public override string Summary => "Random zeros and ones: each is one with the probability that the input holds at its place (Philox4x32-10).";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "probabilities, any shape"), CounterOperand];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Seed, Stream, Type];

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } = [ImportRule.Single("Bernoulli", 15, Import)];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(RealsWithin(0, 1, 5, 51), Integers(-9, 9)),
        new OperatorSample(RealsWithin(0, 1, 7), Integers(-9, 9)).With(Type, "bool"),
    ];

    private protected override int CounterInput => 1;

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        CheckCounter(context);
        return [context.RequireFloat(0) with { DataType = DataTypes.Parse(context.Get(Type)!)!.Value }];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (random, values) = (StreamOf(context), context.Reals(0));
        for (var i = 0; i < values.Length; i++) values[i] = random.Uniform(i) < values[i] ? 1 : 0;
        context.SetReals(0, values);
    }

    /// <inheritdoc/>
    public override void Lower(LoweringContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (input, output) = (context.Input(0), context.Output(0));
        var count = output.Shape.ElementCount;
        if (count == 0) return;
        context.MayRunInPlace(0, input);
        var parameters = new RandomDecide.Parameters { Count = checked((int)count), Run = 1, One = output.Type.DataType.IsFloat() ? BitConverter.SingleToUInt32Bits(1) : 1 };
        DeviceSeed(context).CopyTo(parameters.Random);
        context.Dispatch(context.Choose(RandomDecide.Family.Variants, input))
            .Parameters(parameters)
            .Constant(RandomDecide.Constants.Kind, 0)
            .Bind(RandomDecide.Bindings.Counter, DeviceCounter(context))
            .Bind(RandomDecide.Bindings.Source, input)
            .Bind(RandomDecide.Bindings.Target, output)
            .Cost(25.0 * count, 2.0 * output.Bytes)
            .RunLinear((count + 3) / 4, GroupSize);
    }

    private static Value Import(ImportNode node)
    {
        var input = node.Input(0);
        var type = node.ElementType("dtype", input.DataType);
        var known = type is DataType.Float32 or DataType.Float64 or DataType.Int32 or DataType.Int64 or DataType.Bool;
        var drawn = node.Emit("bernoulli", ImportedSeed(node).With(Type, known ? type.Name() : "f32"), input, CounterOf(node.Builder));
        return known ? drawn : node.Emit("cast", AttributeSet.Empty.With(Pointwise.Cast.To, type.Name()), drawn);
    }
}
