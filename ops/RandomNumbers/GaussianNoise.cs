using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Pointwise;
using VkNet.Training;

namespace VkNet.Operators.RandomNumbers;

/// <summary>Noise added in training (Bishop, "Training with noise is equivalent to Tikhonov regularization", 1995); the input itself in inference.</summary>
public sealed class GaussianNoise() : IdentityOperator("gaussian_noise", "The input itself in inference; in training normally distributed noise is added to every element.", null), ITrainingMode
{
    /// <summary>Standard deviation of the noise.</summary>
    public static AttributeDefinition<double> Scale { get; } = new("scale", "Standard deviation of the noise.", 0.1);

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Scale];

    /// <inheritdoc/>
    public IReadOnlyList<Value> BuildTraining(TrainingModeContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (builder, input) = (context.Builder, context.Inputs[0]!);
        var attributes = AttributeSet.Empty.With(RandomFill.Scale, context.Node.Get(Scale)).With(RandomOperator.Seed, unchecked((long)context.Seed)).With(RandomOperator.Stream, context.NextStream());
        return [builder.Apply("add", null, input, builder.Apply("random_normal_like", attributes, input, context.Counter))];
    }

    private protected override Value? Gradient(Formula g, Formula x, Formula y, AttributeSet attributes) => g;
}
