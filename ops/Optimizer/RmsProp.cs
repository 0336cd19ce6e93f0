using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Optimizer;

/// <summary>RMSProp: as AdaGrad, with squares that are forgotten exponentially.</summary>
public sealed class RmsProp() : OptimizerOperator("rmsprop", "s = decay s + (1 - decay) g^2; x -= lr g / (sqrt(s) + epsilon): Tieleman and Hinton, 2012.", ["squares"], Decay, AdaGrad.Epsilon)
{
    /// <summary>Share of the running mean that is kept.</summary>
    public static AttributeDefinition<double> Decay { get; } = new("decay", "Share of the running mean of squares that is kept.", 0.99);

    private protected override double Move(AttributeSet attributes, double x, double gradient, double[] states, double rate, double step)
    {
        var decay = attributes.Get(Decay);
        states[0] = decay * states[0] + (1 - decay) * gradient * gradient;
        return x - rate * gradient / (Math.Sqrt(states[0]) + attributes.Get(AdaGrad.Epsilon));
    }

    private protected override RuleNumbers Rule(AttributeSet attributes) => new(UpdateRule.Rmsprop, attributes.Get(Decay), Epsilon: attributes.Get(AdaGrad.Epsilon));
}
