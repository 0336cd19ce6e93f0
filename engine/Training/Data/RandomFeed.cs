using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>Random numbers as an input: the noise of a generator, or points at which a function is learnt.</summary>
/// <param name="IsNormal">Whether they are normal with <paramref name="A"/> as mean and <paramref name="B"/> as standard deviation; else uniform from <paramref name="A"/> to <paramref name="B"/>.</param>
/// <param name="Shape">Shape of one example.</param>
/// <param name="A">Mean or lower end.</param>
/// <param name="B">Standard deviation or upper end.</param>
public sealed record RandomFeed(bool IsNormal, Shape Shape, double A, double B)
{
    /// <summary>Whether every epoch brings the same numbers again, as if they were data; else they are new in every step.</summary>
    public bool IsFixed { get; init; }

    /// <summary>Fills a batch; the same seed, input and step give the same numbers.</summary>
    /// <param name="values">Takes the numbers.</param>
    /// <param name="seed">The training's seed.</param>
    /// <param name="input">The input's name.</param>
    /// <param name="step">Number of the batch since the start.</param>
    internal void Fill(Span<float> values, ulong seed, string input, long step)
    {
        var random = new PhiloxRandom(seed, unchecked(PhiloxRandom.StreamOf(input) + (ulong)step));
        for (var i = 0; i < values.Length; i++) values[i] = (float)(IsNormal ? A + B * random.NextNormal() : A + (B - A) * random.NextUniform());
    }
}
