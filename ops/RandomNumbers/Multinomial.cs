using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.RandomNumbers;

/// <summary>
/// Draws class numbers with probabilities proportional to e^score, with replacement. The weights are computed by operations that are
/// rounded alone, in one order, so the classes drawn are equal on the host and on every device.
/// </summary>
public sealed class Multinomial : RandomOperator, IImportable
{
    // The kernel's invocations per row, each of which sums a run of neighbouring classes.
    private const int Parts = 256;

    /// <summary>How many are drawn for each row.</summary>
    public static AttributeDefinition<long> SampleCount { get; } = new("samples", "How many are drawn for each row.", 1) { Minimum = 0 };

    /// <summary>The element type of the result.</summary>
    public static AttributeDefinition<string> Type { get; } = new("type", "The element type of the result.", "i32") { Choices = ["i32", "i64"] };

    /// <inheritdoc/>
    public override string Name => "multinomial";

    /// <inheritdoc/>
    public override string Summary => "Draws class numbers with probabilities proportional to e^score (softmax of the scores), with replacement (Philox4x32-10).";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "[N, C]: scores (logarithms of probabilities up to a constant)"), CounterOperand];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [SampleCount, Seed, Stream, Type];

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } = [ImportRule.Single("Multinomial", 7, Import)];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new OperatorSample(Reals(3, 301), Integers(-9, 9)).With(SampleCount, 17)];

    private protected override int CounterInput => 1;

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        CheckCounter(context);
        context.RequireFloat(0);
        var shape = context.RequireRank(0, 2);
        if (shape[1] == 0 && shape[0] > 0) context.Fail("VKN2702", $"the scores have shape {shape}: there is no class to draw");
        return [new TensorType(DataTypes.Parse(context.Get(Type)!)!.Value, [shape[0], context.Get(SampleCount)])];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (random, scores) = (StreamOf(context), Array.ConvertAll(context.Reals(0), v => (float)v));
        var (rows, classes, samples) = ((int)context.ShapeOf(0)[0], (int)context.ShapeOf(0)[1], (int)context.Get(SampleCount));
        var result = new long[rows * samples];
        for (var row = 0; row < rows; row++) Draw(scores.AsSpan(row * classes, classes), result.AsSpan(row * samples, samples), random, (long)row * samples);
        context.SetIntegers(0, result);
    }

    /// <inheritdoc/>
    public override void Lower(LoweringContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (input, output) = (context.Input(0), context.Output(0));
        if (output.Shape.ElementCount == 0) return;
        var (rows, classes) = (input.Shape[0], input.Shape[1]);
        var parameters = checked(new RandomMultinomial.Parameters { Rows = (int)rows, Classes = (int)classes, Samples = (int)context.Get(SampleCount) });
        DeviceSeed(context).CopyTo(parameters.Random);
        context.Dispatch(context.Choose(RandomMultinomial.Family.Variants, input))
            .Parameters(parameters)
            .Bind(RandomMultinomial.Bindings.Counter, DeviceCounter(context))
            .Bind(RandomMultinomial.Bindings.Scores, input)
            .Bind(RandomMultinomial.Bindings.Target, output)
            .Cost(20.0 * rows * classes, 3.0 * input.Bytes)
            .RunLinear(rows * GroupSize, GroupSize);
    }

    // Operation by operation what shaders/random/multinomial.comp does.
    private static void Draw(ReadOnlySpan<float> scores, Span<long> chosen, RandomStream random, long firstWord)
    {
        var largest = float.NegativeInfinity;
        foreach (var score in scores) largest = MathF.Max(largest, score);
        var run = (scores.Length + Parts - 1) / Parts;
        var sums = new float[Parts];
        var total = 0f;
        for (var part = 0; part < Parts; part++)
        {
            var sum = 0f;
            for (var i = part * run; i < Math.Min((part + 1) * run, scores.Length); i++) sum += RandomStream.Exponential(scores[i] - largest);
            sums[part] = total += sum;
        }
        for (var s = 0; s < chosen.Length; s++)
        {
            var bound = total * random.Uniform(firstWord + s);
            var part = 0;
            while (part < Parts - 1 && !(sums[part] > bound)) part++;
            var below = part > 0 ? sums[part - 1] : 0;
            var found = Math.Min(part * run, scores.Length - 1);
            for (var i = found; i < Math.Min((part + 1) * run, scores.Length); i++)
            {
                var weight = RandomStream.Exponential(scores[i] - largest);
                below += weight;
                if (weight > 0) found = i;
                if (below > bound) break;
            }
            chosen[s] = found;
        }
    }

    private static Value Import(ImportNode node)
    {
        var type = node.ElementType("dtype", DataType.Int32);
        if (type is not (DataType.Int32 or DataType.Int64)) node.Fail("VKN3401", $"it asks for elements of {type.Name()}, but class numbers are int32 or int64");
        return node.Emit("multinomial", ImportedSeed(node).With(SampleCount, node.Integer("sample_size", 1)).With(Type, type.Name()), node.Input(0), CounterOf(node.Builder));
    }
}
