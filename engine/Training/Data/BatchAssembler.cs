using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>Makes the input tensors of one batch: reads, converts, changes and scales. Used by one thread at a time.</summary>
internal sealed class BatchAssembler
{
    private readonly DataPart _part;
    private readonly BatchOrder _order;
    private readonly ulong _seed;
    private readonly Column[] _columns;
    private readonly long[] _examples;

    /// <param name="part">The data.</param>
    /// <param name="order">Which examples make a batch.</param>
    /// <param name="feeds">What each input takes.</param>
    /// <param name="inputs">The inputs, in order.</param>
    /// <param name="seed">The training's seed.</param>
    internal BatchAssembler(DataPart part, BatchOrder order, IReadOnlyList<DataFeed> feeds, IEnumerable<KeyValuePair<string, TensorType>> inputs, ulong seed)
    {
        (_part, _order, _seed) = (part, order, seed);
        _examples = new long[order.Batch];
        var pictures = part.Source.Columns.Any(c => c.IsPicture);
        _columns = [.. inputs.Select(i => new Column(part, feeds.First(f => f.Input == i.Key), i.Value, order.Batch, pictures))];
    }

    /// <summary>Tensors that a batch can be made into.</summary>
    internal Tensor[] Allocate() => [.. _columns.Select(c => Tensor.Zeros(c.Target))];

    /// <summary>Makes a batch, counted from the start of the training.</summary>
    internal void Fill(long number, Tensor[] batch)
    {
        _order.Fill(number, _examples);
        for (var i = 0; i < _columns.Length; i++)
            if (_columns[i].Feed.Random is { } random) random.Fill(batch[i].Values<float>(), _seed, _columns[i].Feed.Input, random.IsFixed ? number % _order.BatchesPerEpoch : number);
            else Fill(_columns[i], number / _order.BatchesPerEpoch, batch[i]);
    }

    private void Fill(Column column, long epoch, Tensor batch)
    {
        var raw = column.Raw ?? batch;
        _part.Source.Read(column.Index, _examples, raw);
        if (batch.DataType != DataType.Float32)
        {
            if (column.Raw is not null) ElementConversion.StoreIntegers(batch, ElementConversion.LoadIntegers(raw));
            return;
        }
        var values = batch.Values<float>();
        if (column.Table is { } table)
        {
            var bytes = raw.Values<byte>();
            for (var i = 0; i < bytes.Length; i++) values[i] = table[bytes[i]];
            return;
        }
        Convert(raw, values, column.IsPicture);
        var size = values.Length / _examples.Length;
        if (column.IsPicture && _part.Augmentation is { } augmentation)
            for (var i = 0; i < _examples.Length; i++)
                augmentation.Apply(values.Slice(i * size, size), column.Scratch, column.Channels, column.Height, column.Width, _seed, epoch, _examples[i]);
        Scale(values, column);
    }

    private static void Convert(Tensor raw, Span<float> values, bool isPicture)
    {
        if (raw.DataType == DataType.Float32) return;
        if (raw.DataType == DataType.UInt8)
        {
            var bytes = raw.Values<byte>();
            for (var i = 0; i < values.Length; i++) values[i] = isPicture ? bytes[i] / 255f : bytes[i];
            return;
        }
        var reals = ElementConversion.LoadReals(raw);
        for (var i = 0; i < values.Length; i++) values[i] = (float)reals[i];
    }

    private static void Scale(Span<float> values, Column column)
    {
        if (column.Affine is [(1, 0)]) return;
        for (var start = 0; start < values.Length; start += column.Run)
        {
            var (scale, offset) = column.Affine[start / column.Run % column.Affine.Length];
            var run = values.Slice(start, Math.Min(column.Run, values.Length - start));
            for (var i = 0; i < run.Length; i++) run[i] = run[i] * scale + offset;
        }
    }

    private sealed class Column
    {
        internal Column(DataPart part, DataFeed feed, TensorType target, int batch, bool pictures)
        {
            (Feed, Target) = (feed, target);
            if (feed.Random is not null) return;
            Index = FeedBinding.IndexOf(part.Source, feed);
            var column = part.Source.Columns[Index];
            var shape = column.Type.Shape;
            if (shape.ElementCount * batch != target.Shape.ElementCount)
                throw new VkNetException("VKN5111", $"the input '{feed.Input}' is {target}, but the column '{column.Name}' gives {shape} for an example", "training, validation and test data must be of one form", feed.Location);
            if (column.Type.DataType != target.DataType) Raw = Tensor.Zeros(column.Type.DataType, new Shape([batch, .. shape]));
            IsPicture = column.IsPicture;
            if (IsPicture) (Channels, Height, Width) = ((int)shape.Product(0, shape.Rank - 2), (int)shape[-2], (int)shape[-1]);
            if (target.DataType != DataType.Float32) return;
            ChooseScale(part, column, pictures);
            if (IsPicture && part.Augmentation is not null) Scratch = new float[shape.ElementCount];
            else if (column.Type.DataType == DataType.UInt8 && Affine is [var (scale, offset)])
                Table = [.. Enumerable.Range(0, 256).Select(v => (IsPicture ? v / 255f : v) * scale + offset)];
        }

        internal DataFeed Feed { get; }

        internal TensorType Target { get; }

        internal int Index { get; }

        internal bool IsPicture { get; }

        internal int Channels { get; }

        internal int Height { get; }

        internal int Width { get; }

        /// <summary>Takes the examples as the source has them; null where that is the target's own type.</summary>
        internal Tensor? Raw { get; }

        internal float[] Scratch { get; } = [];

        /// <summary>What each byte becomes; null where bytes are not all scaled alike.</summary>
        internal float[]? Table { get; }

        /// <summary>Factors and summands, for runs of <see cref="Run"/> elements in turn.</summary>
        internal (float Scale, float Offset)[] Affine { get; private set; } = [(1, 0)];

        internal int Run { get; private set; } = int.MaxValue;

        private void ChooseScale(DataPart part, DataColumn column, bool pictures)
        {
            // In data with pictures the scale is meant for them; other columns are targets or features of another kind.
            if (pictures && !IsPicture) return;
            var normalization = part.Normalization;
            var given = Math.Max(normalization.Means.Count, normalization.Deviations.Count);
            var parts = IsPicture ? Channels : (int)column.Type.Shape.ElementCount;
            if (given > 1 && given != parts)
                throw new VkNetException("VKN5115", $"'normalise' gives {given} numbers, but '{column.Name}' has {parts} {(IsPicture ? "channels" : "elements")}", "give one number, or one for each");
            Affine = [.. Enumerable.Range(0, given).Select(c => normalization.Channel(c, IsPicture))];
            if (given > 1) Run = IsPicture ? Height * Width : 1;
        }
    }
}
