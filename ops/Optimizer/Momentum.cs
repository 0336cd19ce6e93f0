using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Optimizer;

/// <summary>Gradient descent with momentum, in either of the two ways of writing it.</summary>
public sealed class Momentum() : OptimizerOperator("momentum",
    "v = momentum v + g; x -= lr v (form: velocity), or v = momentum v - lr g; x += v (form: displacement): Polyak, 1964. The two agree while the learning rate is constant.",
    ["velocity"], Factor, Form, GradientFactor)
{
    /// <summary>Share of the last velocity that is kept.</summary>
    public static AttributeDefinition<double> Factor { get; } = new("momentum", "Share of the last velocity that is kept.", 0.9);

    /// <summary>What is carried: the velocity, or the last displacement, which has the learning rate in it.</summary>
    public static AttributeDefinition<string> Form { get; } = new("form", "What is carried: the velocity, or the last displacement, which has the learning rate in it.", "velocity") { Choices = ["velocity", "displacement"] };

    /// <summary>Factor of the gradient in the velocity.</summary>
    public static AttributeDefinition<double> GradientFactor { get; } = new("gradient_factor", "Factor of the gradient in the velocity.", 1.0);

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [.. base.Samples, base.Samples[0].With(Form, "displacement")];

    internal static bool IsVelocity(AttributeSet attributes) => attributes.Get(Form) == "velocity";

    private protected override double Move(AttributeSet attributes, double x, double gradient, double[] states, double rate, double step)
    {
        var push = attributes.Get(GradientFactor) * gradient;
        if (IsVelocity(attributes))
        {
            states[0] = attributes.Get(Factor) * states[0] + push;
            return x - rate * states[0];
        }
        states[0] = attributes.Get(Factor) * states[0] - rate * push;
        return x + states[0];
    }

    private protected override RuleNumbers Rule(AttributeSet attributes) =>
        new(IsVelocity(attributes) ? UpdateRule.MomentumVelocity : UpdateRule.MomentumDisplacement, attributes.Get(Factor), attributes.Get(GradientFactor));
}
