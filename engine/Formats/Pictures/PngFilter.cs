namespace VkNet.Formats;

/// <summary>
/// The five row filters of PNG. A filter replaces each byte by its difference from a prediction made of the byte to the
/// left (a), above (b) and above left (c), one whole pixel away; outside the picture these are 0.
/// </summary>
internal static class PngFilter
{
    /// <summary>Number of filters: none, sub, up, average, Paeth.</summary>
    public const int Count = 5;

    /// <summary>Restores a row in place.</summary>
    /// <param name="filter">0 to 4.</param>
    /// <param name="row">The filtered bytes.</param>
    /// <param name="above">The restored row above; zeros for the first.</param>
    /// <param name="pixelBytes">Bytes per pixel, at least 1.</param>
    public static void Undo(int filter, Span<byte> row, ReadOnlySpan<byte> above, int pixelBytes)
    {
        var start = Math.Min(pixelBytes, row.Length);
        switch (filter)
        {
            case 1:
                for (var i = start; i < row.Length; i++) row[i] += row[i - pixelBytes];
                break;
            case 2:
                for (var i = 0; i < row.Length; i++) row[i] += above[i];
                break;
            case 3:
                for (var i = 0; i < start; i++) row[i] += (byte)(above[i] / 2);
                for (var i = start; i < row.Length; i++) row[i] += (byte)((row[i - pixelBytes] + above[i]) / 2);
                break;
            case 4:
                for (var i = 0; i < start; i++) row[i] += above[i];
                for (var i = start; i < row.Length; i++) row[i] += Paeth(row[i - pixelBytes], above[i], above[i - pixelBytes]);
                break;
        }
    }

    /// <summary>Filters a row into <paramref name="result"/>; returns the sum of the absolute differences, by which filters are compared.</summary>
    public static long Apply(int filter, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, int pixelBytes, Span<byte> result)
    {
        long sum = 0;
        for (var i = 0; i < row.Length; i++)
        {
            var left = i >= pixelBytes ? row[i - pixelBytes] : 0;
            var aboveLeft = i >= pixelBytes ? above[i - pixelBytes] : 0;
            var prediction = filter switch
            {
                1 => left,
                2 => above[i],
                3 => (left + above[i]) / 2,
                4 => Paeth(left, above[i], aboveLeft),
                _ => 0,
            };
            var difference = (byte)(row[i] - prediction);
            result[i] = difference;
            sum += Math.Abs((int)(sbyte)difference);
        }
        return sum;
    }

    // Of left, above and above left, the one nearest to left + above - aboveLeft; ties in that order.
    private static byte Paeth(int left, int above, int aboveLeft)
    {
        var toLeft = Math.Abs(above - aboveLeft);
        var toAbove = Math.Abs(left - aboveLeft);
        var toAboveLeft = Math.Abs(left + above - aboveLeft - aboveLeft);
        if (toLeft <= toAbove && toLeft <= toAboveLeft) return (byte)left;
        return (byte)(toAbove <= toAboveLeft ? above : aboveLeft);
    }
}
