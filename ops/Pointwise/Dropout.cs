using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Layout;
using VkNet.Tensors;

namespace VkNet.Operators.Pointwise;

/// <summary>
/// Dropout (Srivastava et al., 2014) as it is in inference: the input itself. Training replaces it by a random mask before anything else
/// is done with the graph.
/// </summary>
public sealed class Dropout() : IdentityOperator("dropout", "The input itself in inference; in training each element is zeroed with probability rate and the rest scaled by 1 / (1 - rate).", null)
{
    /// <summary>Probability of being zeroed in training.</summary>
    public static AttributeDefinition<double> Rate { get; } = new("rate", "Probability of being zeroed in training.", 0.5);

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Rate];

    /// <inheritdoc/>
    public override IReadOnlyList<ImportRule> ImportRules { get; } = [new ImportRule("Dropout", 1, Import)];

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => g;

    // Up to opset 11 the ratio is an attribute, then an input, beside whether the node is in training mode.
    private static IReadOnlyList<Value> Import(ImportNode node)
    {
        var rate = node.Opset < 12 ? node.Real("ratio", 0.5) : node.ConstantReals(1, "the ratio")?[0] ?? 0.5;
        var training = node.Opset >= 12 && node.ConstantIntegers(2, "the training mode")?[0] is not (null or 0);
        if (training && rate != 0) node.Fail("VKN3111", $"it is in training mode with ratio {rate}, which makes its results random", "export the model for inference");
        var x = node.Input(0);
        var result = node.Emit("dropout", AttributeSet.Empty.With(Rate, rate), x);
        if (node.OutputNames.Count < 2 || node.OutputNames[1].Length == 0) return [result];
        var mask = Tensor.Zeros(node.Opset < 10 ? x.DataType : DataType.Bool, Shape.Scalar);
        ElementConversion.StoreIntegers(mask, [1]);
        return [result, node.Emit("expand", AttributeSet.Empty.With(Expand.Shape, x.Shape.ToArray()), node.Builder.Constant(mask))];
    }
}
