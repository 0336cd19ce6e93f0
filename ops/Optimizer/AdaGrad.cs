using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Optimizer;

/// <summary>AdaGrad: each element's rate falls with the squares of its gradients so far.</summary>
public sealed class AdaGrad() : OptimizerOperator("adagrad", "s += g^2; x -= lr g / (sqrt(s) + epsilon): Duchi et al., 2011.", ["squares"], Epsilon)
{
    /// <summary>Keeps the division from zero.</summary>
    public static AttributeDefinition<double> Epsilon { get; } = new("epsilon", "Keeps the division from zero.", 1e-7);

    private protected override double Move(AttributeSet attributes, double x, double gradient, double[] states, double rate, double step)
    {
        states[0] += gradient * gradient;
        return x - rate * gradient / (Math.Sqrt(states[0]) + attributes.Get(Epsilon));
    }

    private protected override RuleNumbers Rule(AttributeSet attributes) => new(UpdateRule.Adagrad, Epsilon: attributes.Get(Epsilon));
}
