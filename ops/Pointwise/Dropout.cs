using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Layout;
using VkNet.Operators.RandomNumbers;
using VkNet.Tensors;
using VkNet.Training;

namespace VkNet.Operators.Pointwise;

/// <summary>
/// Dropout (Srivastava et al., 2014) as it is in inference: the input itself. Training replaces it by a random mask before anything else
/// is done with the graph. With a parameter as its input, which another node takes as its weight, it is DropConnect (Wan et al., 2013) with
/// one mask for all examples of a batch.
/// </summary>
public sealed class Dropout() : IdentityOperator("dropout", "The input itself in inference; in training each element is zeroed with probability rate and the rest scaled by 1 / (1 - rate). Applied to a weight it is DropConnect.", null), ITrainingMode
{
    /// <summary>Probability of being zeroed in training.</summary>
    public static AttributeDefinition<double> Rate { get; } = new("rate", "Probability of being zeroed in training.", 0.5);

    /// <summary>What is zeroed together.</summary>
    public static AttributeDefinition<string> Unit { get; } = new("unit", "What is zeroed together: every element by itself, whole channels ([N, C, ...]), or whole samples (stochastic depth).", "element") { Choices = ["element", "channel", "sample"] };

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Rate, Unit];

    /// <inheritdoc/>
    public override IReadOnlyList<ImportRule> ImportRules { get; } = [new ImportRule("Dropout", 1, Import)];

    /// <inheritdoc/>
    public IReadOnlyList<Value> BuildTraining(TrainingModeContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var node = context.Node;
        if (node.Get(Rate) == 0) return [context.Inputs[0]!];
        var attributes = node.Attributes.With(RandomOperator.Seed, unchecked((long)context.Seed)).With(RandomOperator.Stream, context.NextStream());
        return context.Builder.Add(context.Builder.Registry.Get("dropout_train"), attributes, [context.Inputs[0], context.Counter], null, node.Location);
    }

    /// <summary>Refuses a rate that is no probability and an unknown unit.</summary>
    internal static void Check(InferenceContext context)
    {
        if (context.Get(Rate) is not (>= 0 and <= 1)) context.Fail("VKN2703", $"the rate is {context.Get(Rate)}", "it is the probability of being zeroed, from 0 to 1");
        if (!Unit.Choices.Contains(context.Get(Unit))) context.Fail("VKN2704", $"'unit' is {context.Get(Unit)}", "choose element, channel or sample");
    }

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => g;

    // Up to opset 11 the ratio is an attribute, then an input, beside whether the node is in training mode.
    private static IReadOnlyList<Value> Import(ImportNode node)
    {
        var rate = node.Opset < 12 ? node.Real("ratio", 0.5) : node.ConstantReals(1, "the ratio")?[0] ?? 0.5;
        var training = node.Opset >= 12 && node.ConstantIntegers(2, "the training mode")?[0] is not (null or 0) && rate != 0;
        var x = node.Input(0);
        var withMask = node.OutputNames.Count > 1 && node.OutputNames[1].Length > 0;
        if (training)
        {
            var (attributes, counter) = (RandomOperator.ImportedSeed(node).With(Rate, rate), RandomOperator.CounterOf(node.Builder));
            var dropped = node.Emit("dropout_train", attributes, x, counter);
            return withMask ? [dropped, node.Emit("cast", AttributeSet.Empty.With(Cast.To, "bool"), node.Emit("dropout_train", attributes, Expanded(node, x.DataType), counter))] : [dropped];
        }
        var result = node.Emit("dropout", AttributeSet.Empty.With(Rate, rate), x);
        return withMask ? [result, Expanded(node, node.Opset < 10 ? x.DataType : DataType.Bool)] : [result];
    }

    // A tensor of ones of the input's shape.
    private static Value Expanded(ImportNode node, DataType type)
    {
        var one = Tensor.Zeros(type, Shape.Scalar);
        ElementConversion.StoreIntegers(one, [1]);
        return node.Emit("expand", AttributeSet.Empty.With(Expand.Shape, node.Input(0).Shape.ToArray()), node.Builder.Constant(one));
    }
}
