using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Optimizer;

/// <summary>Stochastic gradient descent.</summary>
public sealed class Sgd() : OptimizerOperator("sgd", "x -= lr g: stochastic gradient descent (Robbins and Monro, 1951).", [])
{
    private protected override double Move(AttributeSet attributes, double x, double gradient, double[] states, double rate, double step) => x - rate * gradient;

    private protected override RuleNumbers Rule(AttributeSet attributes) => new(UpdateRule.Sgd);
}
