using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Pointwise;

/// <summary>
/// a to the power b, of a's type, with IEEE 754's special values. Whole numbers to a negative power are cut toward zero. The gradient of
/// the exponent is zero where a is not positive.
/// </summary>
public sealed class Pow() : BinaryOperator("pow", "a to the power b, of a's type; exact for small whole exponents.", PointwiseOpcode.Power, "Pow")
{
    private protected override DataType CheckTypes(InferenceContext context)
    {
        RequireFamily(context, 0, ElementFamilies.Number);
        RequireFamily(context, 1, ElementFamilies.Number);
        return context.Input(0).DataType;
    }

    private protected override double Compute(double a, double b, AttributeSet attributes) => Math.Pow(a, b);

    private protected override long Compute(long a, long b, AttributeSet attributes)
    {
        if (b < 0) return a == 1 ? 1 : a == -1 ? ((b & 1) != 0 ? -1 : 1) : 0;
        long result = 1;
        for (; b != 0; b >>= 1, a = unchecked(a * a))
            if ((b & 1) != 0) result = unchecked(result * a);
        return result;
    }

    // A real base with a whole exponent is computed in reals; converting the exponent first lets the node be fused.
    private protected override IEnumerable<Value> ImportInputs(ImportNode node)
    {
        var inputs = LegacyBroadcast.Align(node);
        if (inputs[0].DataType.IsFloat() && inputs[1].DataType != inputs[0].DataType)
            inputs[1] = node.Emit("cast", AttributeSet.Empty.With(Cast.To, inputs[0].DataType.Name()), inputs[1]);
        return inputs;
    }

    private protected override Value? GradientOfFirst(Formula g, Formula a, Formula b, Formula y, AttributeSet attributes) =>
        g * b * a.Apply("pow", b - 1);

    private protected override Value? GradientOfSecond(Formula g, Formula a, Formula b, Formula y, AttributeSet attributes) =>
        a.IsAbove(0).Choose(g * y * a.Apply("log"), g.Constant(0));
}
