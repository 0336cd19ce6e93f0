using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Optimizer;

/// <summary>Adam, and AdamW with its decay apart from the gradient.</summary>
public sealed class Adam : OptimizerOperator
{
    private readonly bool _decoupled;

    /// <summary>Makes the operator.</summary>
    /// <param name="decoupled">Whether it is AdamW.</param>
    public Adam(bool decoupled)
        : base(
            decoupled ? "adamw" : "adam",
            decoupled
                ? "x -= lr weight_decay x, then Adam's step: Loshchilov and Hutter, 2019."
                : "m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; x -= lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon): Kingma and Ba, 2015.",
            ["first_moment", "second_moment"],
            decoupled ? [Beta1, Beta2, AdaGrad.Epsilon, WeightDecay] : [Beta1, Beta2, AdaGrad.Epsilon, BiasCorrection])
        => _decoupled = decoupled;

    /// <summary>Share of the running mean of gradients that is kept.</summary>
    public static AttributeDefinition<double> Beta1 { get; } = new("beta1", "Share of the running mean of gradients that is kept.", 0.9);

    /// <summary>Share of the running mean of squares that is kept.</summary>
    public static AttributeDefinition<double> Beta2 { get; } = new("beta2", "Share of the running mean of squared gradients that is kept.", 0.999);

    /// <summary>Whether the means, which start at zero, are corrected for that.</summary>
    public static AttributeDefinition<bool> BiasCorrection { get; } = new("bias_correction", "Whether the running means, which start at zero, are corrected for that.", true);

    /// <summary>AdamW's decay, in units of the learning rate.</summary>
    public static AttributeDefinition<double> WeightDecay { get; } = new("weight_decay", "Share of each parameter taken off, in units of the learning rate.", 0.01);

    private protected override double Move(AttributeSet attributes, double x, double gradient, double[] states, double rate, double step)
    {
        var (beta1, beta2) = (attributes.Get(Beta1), attributes.Get(Beta2));
        if (_decoupled) x -= rate * attributes.Get(WeightDecay) * x;
        states[0] = beta1 * states[0] + (1 - beta1) * gradient;
        states[1] = beta2 * states[1] + (1 - beta2) * gradient * gradient;
        var corrected = _decoupled || attributes.Get(BiasCorrection);
        var mean = corrected ? states[0] / (1 - Math.Pow(beta1, step)) : states[0];
        var square = corrected ? states[1] / (1 - Math.Pow(beta2, step)) : states[1];
        return x - rate * mean / (Math.Sqrt(square) + attributes.Get(AdaGrad.Epsilon));
    }

    private protected override RuleNumbers Rule(AttributeSet attributes) => new(
        UpdateRule.Adam,
        attributes.Get(Beta1),
        attributes.Get(Beta2),
        _decoupled ? attributes.Get(WeightDecay) : 0,
        attributes.Get(AdaGrad.Epsilon),
        _decoupled || attributes.Get(BiasCorrection));
}
