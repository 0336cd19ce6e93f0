using VkNet.Tensors;

namespace VkNet.Operators.Resampling;

/// <summary>
/// A linear map along one axis of a tensor: element o of the result is the sum over taps t of <c>Weights[o, t]</c> times element
/// <c>Sources[o, t]</c> of the source, where source -1 stands for a constant. Taps of weight zero are not read.
/// </summary>
/// <param name="Axis">The axis.</param>
/// <param name="Input">Size of the source along it.</param>
/// <param name="Output">Size of the result along it.</param>
/// <param name="Taps">Terms per element of the result.</param>
/// <param name="Sources">[Output, Taps].</param>
/// <param name="Weights">[Output, Taps].</param>
internal sealed record AxisMap(int Axis, long Input, long Output, int Taps, int[] Sources, double[] Weights)
{
    /// <summary>Whether the result is the source.</summary>
    internal bool IsIdentity => Input == Output && Enumerable.Range(0, (int)Output).All(o =>
        Enumerable.Range(o * Taps, Taps).All(t => Weights[t] == (Sources[t] == o ? 1 : 0)));

    /// <summary>Whether every element of the result is one element of the source (or the constant).</summary>
    internal bool IsSelection => Taps == 1;

    /// <summary>The adjoint map: gradients of the result to gradients of the source. The constant takes none.</summary>
    internal AxisMap Transposed()
    {
        var terms = new List<(int Source, double Weight)>[Input];
        for (var i = 0; i < terms.Length; i++) terms[i] = [];
        for (var k = 0; k < Sources.Length; k++)
            if (Sources[k] >= 0 && Weights[k] != 0) terms[Sources[k]].Add((k / Taps, Weights[k]));
        var taps = Math.Max(1, terms.Length == 0 ? 0 : terms.Max(t => t.Count));
        var result = new AxisMap(Axis, Output, Input, taps, new int[Input * taps], new double[Input * taps]);
        for (var i = 0; i < terms.Length; i++)
        for (var t = 0; t < terms[i].Count; t++)
            (result.Sources[i * taps + t], result.Weights[i * taps + t]) = terms[i][t];
        return result;
    }

    /// <summary>Applies the map on the host.</summary>
    /// <param name="values">Elements of a tensor of shape <paramref name="shape"/>.</param>
    /// <param name="shape">The source's shape.</param>
    /// <param name="fill">The constant.</param>
    internal double[] Apply(double[] values, Shape shape, double fill)
    {
        var (outer, inner) = (shape.Product(0, Axis), (int)shape.Product(Axis + 1, shape.Rank));
        var result = new double[outer * Output * inner];
        Parallel.For(0, outer * Output, line =>
        {
            var (slab, o) = (line / Output, (int)(line % Output));
            var target = result.AsSpan((int)(line * inner), inner);
            for (var t = o * Taps; t < (o + 1) * Taps; t++)
            {
                var weight = Weights[t];
                if (weight == 0) continue;
                if (Sources[t] < 0)
                {
                    for (var i = 0; i < inner; i++) target[i] += weight * fill;
                    continue;
                }
                var source = values.AsSpan((int)((slab * Input + Sources[t]) * inner), inner);
                for (var i = 0; i < inner; i++) target[i] += weight * source[i];
            }
        });
        return result;
    }
}
