namespace EmbeddingWeb;

/// <summary>What the network says of a picture.</summary>
/// <param name="Digit">The likeliest class.</param>
/// <param name="Probability">Its probability.</param>
/// <param name="Classes">All classes, the likeliest first.</param>
internal sealed record DigitAnswer(string Digit, double Probability, IReadOnlyList<ClassProbability> Classes)
{
    /// <summary>Turns scores into probabilities (softmax).</summary>
    internal static DigitAnswer FromLogits(ReadOnlySpan<float> logits)
    {
        var powers = new double[logits.Length];
        double largest = logits[0], sum = 0;
        foreach (var logit in logits) largest = Math.Max(largest, logit);
        for (var i = 0; i < powers.Length; i++) sum += powers[i] = Math.Exp(logits[i] - largest);
        ClassProbability[] classes = [.. powers.Select((p, i) => new ClassProbability($"{i}", p / sum)).OrderByDescending(c => c.Probability)];
        return new DigitAnswer(classes[0].Name, classes[0].Probability, classes);
    }
}
