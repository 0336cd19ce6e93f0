using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Pointwise;

/// <summary>The remainder of a / b with the sign of b, as Python's % has it.</summary>
public sealed class Mod() : BinaryOperator("mod", "The remainder of a / b with the sign of b, as Python's % has it.", PointwiseOpcode.Modulo, null)
{
    /// <inheritdoc/>
    public override IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("Mod", 10, node => node.Emit(node.Integer("fmod", 0) != 0 ? "fmod" : "mod", node.Input(0), node.Input(1))),
    ];

    /// <inheritdoc/>
    public override void Export(ExportNode node)
    {
        // ONNX defines Mod without fmod for whole numbers alone.
        if (!node.TypeOf(0).DataType.IsFloat())
        {
            node.Result("Mod", node.Inputs);
            return;
        }
        // C's remainder has the sign of a; where that is not b's, b is added.
        var remainder = node.Step("Mod", node.Inputs, ("fmod", true));
        var differs = node.Step("Less", [node.Step("Mul", [remainder, node.Inputs[1]]), node.Scalar(0, node.TypeOf(0).DataType)]);
        node.Result("Where", [differs, node.Step("Add", [remainder, node.Inputs[1]]), remainder]);
    }

    private protected override double Compute(double a, double b, AttributeSet attributes)
    {
        var rest = a % b;
        if (rest == 0) return Math.CopySign(0, b);
        return rest < 0 != b < 0 ? rest + b : rest;
    }

    private protected override long Compute(long a, long b, AttributeSet attributes)
    {
        if (b is 0 or -1) return 0;
        var rest = a % b;
        return rest != 0 && rest < 0 != b < 0 ? rest + b : rest;
    }

    private protected override Value? GradientOfFirst(Formula g, Formula a, Formula b, Formula y, AttributeSet attributes) => g;

    private protected override Value? GradientOfSecond(Formula g, Formula a, Formula b, Formula y, AttributeSet attributes) => -(g * (a / b).Apply("floor"));
}
