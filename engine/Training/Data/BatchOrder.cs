using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>Which examples make which batch. Any batch can be asked for at any time, so a training resumes in the middle of an epoch.</summary>
internal sealed class BatchOrder
{
    private static readonly ulong Stream = PhiloxRandom.StreamOf("shuffle");
    private readonly DataOrder _order;
    private readonly ulong _seed;
    private readonly long _count;
    private readonly Lock _lock = new();
    private readonly Dictionary<long, int[]> _permutations = [];

    /// <param name="count">Number of examples.</param>
    /// <param name="batch">Examples in a batch; those of an epoch that do not fill one are left for other epochs.</param>
    /// <param name="order">The order.</param>
    /// <param name="seed">The training's seed.</param>
    internal BatchOrder(long count, int batch, DataOrder order, ulong seed)
    {
        (_count, Batch, _order, _seed) = (count, batch, order, seed);
        BatchesPerEpoch = count / batch;
    }

    internal int Batch { get; }

    internal long BatchesPerEpoch { get; }

    /// <summary>The examples of a batch, counted from the start of the training.</summary>
    internal void Fill(long number, Span<long> examples)
    {
        var (epoch, batch) = Math.DivRem(number, BatchesPerEpoch);
        var permutation = _order == DataOrder.Shuffled ? Permutation(epoch) : null;
        for (var row = 0; row < examples.Length; row++)
            examples[row] = permutation is not null ? permutation[batch * Batch + row]
                : _order == DataOrder.Streams ? row * BatchesPerEpoch + batch
                : batch * Batch + row;
    }

    private int[] Permutation(long epoch)
    {
        lock (_lock)
        {
            if (_permutations.TryGetValue(epoch, out var known)) return known;
            // Batches are asked for nearly in order: only the epoch before can still be wanted.
            foreach (var old in _permutations.Keys.Where(e => e < epoch - 1).ToList()) _permutations.Remove(old);
            var permutation = new int[_count];
            for (var i = 0; i < permutation.Length; i++) permutation[i] = i;
            new PhiloxRandom(_seed, unchecked(Stream + (ulong)epoch)).Shuffle<int>(permutation);
            return _permutations[epoch] = permutation;
        }
    }
}
