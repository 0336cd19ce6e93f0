using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Pointwise;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.RandomNumbers;

/// <summary>
/// Dropout as it is in training (Srivastava et al., 2014; "inverted"): each element becomes zero with probability rate and is scaled by
/// 1 / (1 - rate) otherwise. No mask is stored: the gradient makes the same decisions again from the counter. Decisions may be shared by
/// the elements of a channel (Tompson et al., 2015) or of a whole sample (stochastic depth, Huang et al., 2016).
/// </summary>
public sealed class RandomDropout : RandomOperator
{
    /// <inheritdoc/>
    public override string Name => "dropout_train";

    /// <inheritdoc/>
    public override string Summary => "Dropout in training: zero with probability rate, else input / (1 - rate), decided anew for every value of the counter.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "any shape"), CounterOperand];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Dropout.Rate, Dropout.Unit, Seed, Stream];

    /// <inheritdoc/>
    public override bool IsPublic => false;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(3, 87), Integers(-9, 9)).With(Dropout.Rate, 0.3),
        new OperatorSample(Reals(3, 5, 7), Integers(-9, 9)).With(Dropout.Rate, 0.5).With(Dropout.Unit, "channel"),
    ];

    private protected override int CounterInput => 1;

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        CheckCounter(context);
        Dropout.Check(context);
        return [context.RequireFloat(0)];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (random, values) = (StreamOf(context), context.Reals(0));
        var (threshold, scale) = Numbers(context.Get(Dropout.Rate));
        var run = RunOf(context.Attributes, context.ShapeOf(0));
        for (var i = 0; i < values.Length; i++) values[i] = random.Word(i / run) >= threshold ? values[i] * scale : 0;
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
        var (threshold, scale) = Numbers(context.Get(Dropout.Rate));
        var run = RunOf(context.Node.Attributes, input.Shape);
        var parameters = checked(new RandomDecide.Parameters { Count = (int)count, Run = (int)run, Threshold = threshold, Scale = (float)scale });
        DeviceSeed(context).CopyTo(parameters.Random);
        context.Dispatch(context.Choose(RandomDecide.Family.Variants, input))
            .Parameters(parameters)
            .Constant(RandomDecide.Constants.Kind, 1)
            .Constant(RandomDecide.Constants.Shared, run == 1 ? 0 : 1)
            .Bind(RandomDecide.Bindings.Counter, DeviceCounter(context))
            .Bind(RandomDecide.Bindings.Source, input)
            .Bind(RandomDecide.Bindings.Target, output)
            .Cost(25.0 * count, 2.0 * output.Bytes)
            .RunLinear((count + 3) / 4, GroupSize);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return [context.Builder.Add(this, context.Node.Attributes, [context.Upstream, .. context.Node.Inputs.Skip(1)])[0], null];
    }

    // The decision compares a whole random word, so the probability is exact to 2^-32.
    private static (uint Threshold, double Scale) Numbers(double rate) =>
        ((uint)Math.Min(Math.Round(rate * 4294967296.0), uint.MaxValue), rate < 1 ? 1 / (1 - rate) : 0);

    private static long RunOf(AttributeSet attributes, Shape shape) => attributes.Get(Dropout.Unit) switch
    {
        "channel" => Math.Max(1, shape.Product(Math.Min(2, shape.Rank), shape.Rank)),
        "sample" => Math.Max(1, shape.Product(Math.Min(1, shape.Rank), shape.Rank)),
        _ => 1,
    };
}
