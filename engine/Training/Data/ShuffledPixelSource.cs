using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>
/// Another source with the pixels of its pictures in one fixed random order, the same for every picture: all that a network knows from
/// neighbourhood is taken away, and nothing else.
/// </summary>
public sealed class ShuffledPixelSource : IDataSource
{
    private readonly IDataSource _source;
    private readonly Dictionary<int, int[]> _orders = [];

    /// <summary>Chooses the order.</summary>
    /// <param name="source">The pictures.</param>
    /// <param name="seed">Chooses the order; the same for training and test data.</param>
    public ShuffledPixelSource(IDataSource source, ulong seed)
    {
        _source = source;
        for (var column = 0; column < source.Columns.Count; column++)
        {
            if (!source.Columns[column].IsPicture) continue;
            var shape = source.Columns[column].Type.Shape;
            var order = Enumerable.Range(0, (int)(shape[-1] * shape[-2])).ToArray();
            new PhiloxRandom(seed, PhiloxRandom.StreamOf("pixels")).Shuffle<int>(order);
            _orders[column] = order;
        }
    }

    /// <inheritdoc/>
    public long Count => _source.Count;

    /// <inheritdoc/>
    public IReadOnlyList<DataColumn> Columns => _source.Columns;

    /// <inheritdoc/>
    public IReadOnlyList<string> Vocabulary => _source.Vocabulary;

    /// <inheritdoc/>
    public void Read(int column, ReadOnlySpan<long> examples, Tensor batch)
    {
        _source.Read(column, examples, batch);
        if (!_orders.TryGetValue(column, out var order)) return;
        var bytes = batch.Bytes();
        var size = batch.DataType.HostSize();
        Span<byte> plane = new byte[order.Length * size];
        for (var start = 0; start < bytes.Length; start += plane.Length)
        {
            var target = bytes.Slice(start, plane.Length);
            target.CopyTo(plane);
            for (var i = 0; i < order.Length; i++) plane.Slice(order[i] * size, size).CopyTo(target[(i * size)..]);
        }
    }
}
