using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>
/// Handwritten-looking digits drawn by this class: strokes of a few forms of each digit, bent, slanted, turned, scaled and moved at
/// random, drawn with a pen of random width, blurred and speckled. Columns <c>images</c> u8 [28, 28], white on black, and <c>labels</c>.
/// Example i of a seed is always the same picture.
/// </summary>
public sealed class DigitSource : IDataSource
{
    private const int Side = 28;
    private readonly ulong _seed;

    /// <summary>Chooses a set of digits.</summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">Which.</param>
    public DigitSource(long count, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        (Count, _seed) = (count, seed);
    }

    /// <inheritdoc/>
    public long Count { get; }

    /// <inheritdoc/>
    public IReadOnlyList<DataColumn> Columns { get; } =
    [
        new DataColumn("images", new TensorType(DataType.UInt8, [Side, Side])) { IsPicture = true },
        new DataColumn("labels", new TensorType(DataType.Int32, Shape.Scalar)) { Classes = 10 },
    ];

    /// <inheritdoc/>
    public void Read(int column, ReadOnlySpan<long> examples, Tensor batch)
    {
        for (var i = 0; i < examples.Length; i++)
            if (column == 1) batch.Values<int>()[i] = LabelOf(examples[i]);
            else DigitPen.Draw(new PhiloxRandom(_seed, (ulong)examples[i]), LabelOf(examples[i]), batch.Values<byte>().Slice(i * Side * Side, Side * Side), Side);
    }

    // Every ten examples hold each digit once.
    private static int LabelOf(long example) => (int)(example * 7 % 10);
}
