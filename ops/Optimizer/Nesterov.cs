using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Optimizer;

/// <summary>Nesterov's accelerated gradient, written with the gradient at the parameters themselves.</summary>
public sealed class Nesterov() : OptimizerOperator("nesterov",
    "v = momentum v + g; x -= lr (g + momentum v) (form: velocity), or v' = momentum v - lr g; x += (1 + momentum) v' - momentum v (form: displacement): Nesterov, 1983; Sutskever et al., 2013.",
    ["velocity"], Momentum.Factor, Momentum.Form, Momentum.GradientFactor)
{
    private protected override double Move(AttributeSet attributes, double x, double gradient, double[] states, double rate, double step)
    {
        var (momentum, push) = (attributes.Get(Momentum.Factor), attributes.Get(Momentum.GradientFactor) * gradient);
        if (Momentum.IsVelocity(attributes))
        {
            states[0] = momentum * states[0] + push;
            return x - rate * (gradient + momentum * states[0]);
        }
        var old = states[0];
        states[0] = momentum * old - rate * push;
        return x - momentum * old + (1 + momentum) * states[0];
    }

    private protected override RuleNumbers Rule(AttributeSet attributes) =>
        new(Momentum.IsVelocity(attributes) ? UpdateRule.NesterovVelocity : UpdateRule.NesterovDisplacement, attributes.Get(Momentum.Factor), attributes.Get(Momentum.GradientFactor));
}
