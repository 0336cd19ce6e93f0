using VkNet.Graphs;
using VkNet.Operators.Reduction;

namespace VkNet.Operators.Normalization;

/// <summary>
/// The gradient that all normalisations by mean and variance, or by mean square, share. With n the normalised input and u the gradient of n:
/// dx = r * (u - mean(u) - n * mean(u * n)), r one over the standard deviation, means over the group. It is written with operators, so that
/// it can be differentiated again.
/// </summary>
/// <param name="Input">Gradient of the input.</param>
/// <param name="Normalized">The normalised input, before scale and shift.</param>
internal sealed record NormalizationGradient(Formula Input, Formula Normalized)
{
    /// <summary>Builds both.</summary>
    /// <param name="x">The input.</param>
    /// <param name="upstream">Gradient of the output.</param>
    /// <param name="scale">The scale, of a shape that broadcasts to the input's; null for none.</param>
    /// <param name="axes">Axes that a group extends over.</param>
    /// <param name="epsilon">What was added to the variance.</param>
    /// <param name="subtractsMean">Whether the mean was subtracted.</param>
    public static NormalizationGradient Of(Formula x, Formula upstream, Formula? scale, long[] axes, double epsilon, bool subtractsMean = true)
    {
        var centred = subtractsMean ? x - Mean(x, axes) : x;
        var inverse = (Mean(centred * centred, axes) + epsilon).Apply("rsqrt");
        var normalized = centred * inverse;
        var u = scale is { } factor ? upstream * factor : upstream;
        var projected = u - normalized * Mean(u * normalized, axes);
        return new NormalizationGradient(inverse * (subtractsMean ? projected - Mean(u, axes) : projected), normalized);
    }

    /// <summary>The mean over some axes, which stay with size 1.</summary>
    public static Formula Mean(Formula x, long[] axes) =>
        x.Apply("reduce_mean", AttributeSet.Empty.With(ReductionOperator.Axes, axes).With(ReductionOperator.KeepDimensions, true));
}
