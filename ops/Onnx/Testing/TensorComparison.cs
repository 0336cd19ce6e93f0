using VkNet.Tensors;

namespace VkNet.Onnx.Testing;

/// <summary>Compares an output with the expected one as NumPy's <c>assert_allclose</c> does: not-a-number equals itself, infinities by sign.</summary>
internal static class TensorComparison
{
    /// <summary>Compares two tensors.</summary>
    /// <param name="actual">What came out.</param>
    /// <param name="expected">What should.</param>
    /// <param name="tolerance">How near.</param>
    /// <param name="sums">Whether the absolute part for sums may be taken where the other one does not do.</param>
    /// <returns>The fault or null, the largest absolute difference, and whether the part for sums was needed.</returns>
    public static (string? Fault, double MaximumError, bool NeededSums) Compare(Tensor actual, Tensor expected, OnnxTolerance tolerance, bool sums)
    {
        if (actual.DataType != expected.DataType) return ($"the elements are {actual.DataType.Name()}, expected {expected.DataType.Name()}", double.NaN, false);
        if (actual.Shape != expected.Shape) return ($"the shape is {actual.Shape}, expected {expected.Shape}", double.NaN, false);
        if (actual.DataType is DataType.Int64 or DataType.UInt64) return CompareLongs(actual, expected);
        var (a, e) = (ElementConversion.LoadReals(actual), ElementConversion.LoadReals(expected));
        var scale = tolerance.ScaledByLargest ? Math.Max(1, e.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max()) : 1;
        double largest = 0;
        var needed = false;
        string? fault = null;
        for (var i = 0; i < a.Length; i++)
        {
            if (a[i] == e[i] || (double.IsNaN(a[i]) && double.IsNaN(e[i]))) continue;
            var difference = Math.Abs(a[i] - e[i]);
            if (double.IsNaN(difference)) difference = double.PositiveInfinity;
            largest = Math.Max(largest, difference);
            if (double.IsFinite(e[i]) && difference <= tolerance.Absolute * scale + tolerance.Relative * Math.Abs(e[i])) continue;
            if (sums && double.IsFinite(e[i]) && difference <= tolerance.SumAbsolute * scale + tolerance.Relative * Math.Abs(e[i])) needed = true;
            else fault ??= $"element {i} of {expected.Type} is {a[i]:R}, expected {e[i]:R}";
        }
        return (fault, largest, needed);
    }

    // Doubles do not tell all longs apart.
    private static (string? Fault, double MaximumError, bool NeededSums) CompareLongs(Tensor actual, Tensor expected)
    {
        var (a, e) = (ElementConversion.LoadIntegers(actual), ElementConversion.LoadIntegers(expected));
        var wrong = Enumerable.Range(0, a.Length).Where(i => a[i] != e[i]).ToList();
        return wrong.Count == 0 ? (null, 0, false) : ($"element {wrong[0]} of {expected.Type} is {a[wrong[0]]}, expected {e[wrong[0]]}", wrong.Max(i => Math.Abs((double)a[i] - e[i])), false);
    }
}
