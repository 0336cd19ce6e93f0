using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Optimizer;

/// <summary>Adadelta: steps measured in units of the steps before, so that the learning rate is usually 1.</summary>
public sealed class AdaDelta() : OptimizerOperator("adadelta",
    "s = decay s + (1 - decay) g^2; d = sqrt(q + epsilon) / sqrt(s + epsilon) g; q = decay q + (1 - decay) d^2; x -= lr d: Zeiler, 2012.",
    ["squares", "squared_steps"], Decay, Epsilon)
{
    /// <summary>Share of the running means that is kept.</summary>
    public static AttributeDefinition<double> Decay { get; } = new("decay", "Share of the running means that is kept.", 0.95);

    /// <summary>Added under both roots.</summary>
    public static AttributeDefinition<double> Epsilon { get; } = new("epsilon", "Added under both roots; decides the size of the first steps.", 1e-6);

    private protected override double Move(AttributeSet attributes, double x, double gradient, double[] states, double rate, double step)
    {
        var (decay, epsilon) = (attributes.Get(Decay), attributes.Get(Epsilon));
        states[0] = decay * states[0] + (1 - decay) * gradient * gradient;
        var change = Math.Sqrt(states[1] + epsilon) / Math.Sqrt(states[0] + epsilon) * gradient;
        states[1] = decay * states[1] + (1 - decay) * change * change;
        return x - rate * change;
    }

    private protected override RuleNumbers Rule(AttributeSet attributes) => new(UpdateRule.Adadelta, attributes.Get(Decay), Epsilon: attributes.Get(Epsilon));
}
