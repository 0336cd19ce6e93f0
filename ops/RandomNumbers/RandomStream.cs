using VkNet.Tensors;

namespace VkNet.Operators.RandomNumbers;

/// <summary>The random words of one node in one run, as the kernels compute them (shaders/random/philox.glsl).</summary>
/// <param name="Seed">The key.</param>
/// <param name="Stream">Which of the streams under it.</param>
/// <param name="Run">The value of the counter.</param>
internal readonly record struct RandomStream(ulong Seed, ulong Stream, uint Run)
{
    /// <summary>Word number <paramref name="index"/>.</summary>
    internal uint Word(long index)
    {
        var (a, b, c, d) = PhiloxRandom.Block((ulong)index >> 2 | (ulong)Run << 32, Stream, (uint)Seed, (uint)(Seed >> 32));
        return (index & 3) switch { 0 => a, 1 => b, 2 => c, _ => d };
    }

    /// <summary>Word number <paramref name="index"/> as a uniform number in [0, 1), a multiple of 2^-24.</summary>
    internal float Uniform(long index) => (Word(index) >> 8) * (1f / (1 << 24));

    /// <summary>
    /// Standard normal number number <paramref name="index"/> (Box, Muller 1958): of a pair of words the first gives the radius and the
    /// second the angle of two numbers.
    /// </summary>
    internal double Normal(long index)
    {
        var pair = index & ~1L;
        var radius = Math.Sqrt(-2 * Math.Log(((Word(pair) >> 8) + 1) * Math.ScaleB(1, -24)));
        var turns = (Word(pair + 1) >> 8) * Math.ScaleB(1, -24);
        // The angle is folded before the multiplication by pi, so that the zeros are exact.
        return radius * SineOfTurns(index == pair ? turns + 0.25 : turns);
    }

    /// <summary>e^x for x &lt;= 0 in single precision, operation by operation what the kernels compute; 0 below -87.</summary>
    internal static float Exponential(float x)
    {
        if (!(x >= -87f)) return 0;
        var n = x * 1.44269502f + 12582912f - 12582912f;
        var r = x - n * 0.693359375f + n * 2.12194442e-4f;
        var series = (((0.00138146081f * r + 0.00836871099f) * r + 0.0416683890f) * r + 0.166665211f) * r + 0.499999940f;
        var one = series * (r * r) + r + 1f;
        return one * BitConverter.Int32BitsToSingle(((int)n + 127) << 23);
    }

    private static double SineOfTurns(double turns)
    {
        turns -= Math.Floor(turns);
        if (turns >= 0.5) return -SineOfTurns(turns - 0.5);
        if (turns > 0.25) turns = 0.5 - turns;
        return turns <= 0.125 ? Math.Sin(2 * Math.PI * turns) : Math.Cos(2 * Math.PI * (0.25 - turns));
    }
}
