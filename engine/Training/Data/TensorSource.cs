using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>Examples in memory: tensors whose first axes count them.</summary>
public sealed class TensorSource : IDataSource
{
    private readonly Tensor[] _tensors;

    /// <summary>Wraps tensors (no copy).</summary>
    /// <param name="columns">The columns; the shapes of their tensors are [count, example...].</param>
    /// <param name="vocabulary">The classes' names; null when there are none.</param>
    /// <exception cref="VkNetException">VKN5101: the counts differ; VKN5102: there are no examples.</exception>
    public TensorSource(IReadOnlyList<(DataColumn Column, Tensor Values)> columns, IReadOnlyList<string>? vocabulary = null)
    {
        if (columns.Count == 0 || columns.Any(c => c.Values.Shape.Rank == 0)) throw new VkNetException("VKN5102", "the data hold no examples", "every column counts its examples along its first axis");
        Count = columns[0].Values.Shape[0];
        foreach (var (column, values) in columns)
            if (values.Shape[0] != Count)
                throw new VkNetException("VKN5101", $"'{columns[0].Column.Name}' has {Count} examples, but '{column.Name}' has {values.Shape[0]}", "the files belong to different sets, or one is cut short");
        if (Count == 0) throw new VkNetException("VKN5102", "the data hold no examples");
        Columns = [.. columns.Select(c => c.Column)];
        _tensors = [.. columns.Select(c => c.Values)];
        Vocabulary = vocabulary ?? [];
    }

    /// <inheritdoc/>
    public long Count { get; }

    /// <inheritdoc/>
    public IReadOnlyList<DataColumn> Columns { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Vocabulary { get; }

    /// <summary>Wraps named tensors; whole numbers of one element per example are taken as labels.</summary>
    /// <param name="tensors">The columns by name, of shape [count, example...].</param>
    public static TensorSource Of(IEnumerable<KeyValuePair<string, Tensor>> tensors) => new([.. tensors.Select(t => (ColumnOf(t.Key, t.Value), t.Value))]);

    /// <inheritdoc/>
    public void Read(int column, ReadOnlySpan<long> examples, Tensor batch)
    {
        var source = _tensors[column].Bytes();
        var target = batch.Bytes();
        var bytes = (int)(Columns[column].Type.Shape.ElementCount * Columns[column].Type.DataType.HostSize());
        for (var i = 0; i < examples.Length; i++) source.Slice(checked((int)(examples[i] * bytes)), bytes).CopyTo(target[(i * bytes)..]);
    }

    /// <summary>Describes a column by the tensor that holds it.</summary>
    internal static DataColumn ColumnOf(string name, Tensor values, bool isPicture = false)
    {
        if (values.Shape.Rank == 0) throw new VkNetException("VKN5102", $"'{name}' is a single number and holds no examples", "every column counts its examples along its first axis");
        var type = new TensorType(values.DataType, new Shape([.. values.Shape.ToArray().Skip(1)]));
        var isLabel = !isPicture && !values.DataType.IsFloat() && type.Shape.ElementCount == 1 && values.Count > 0;
        return new DataColumn(name, type) { IsPicture = isPicture, Classes = isLabel ? ElementConversion.LoadIntegers(values).Max() + 1 : null };
    }
}
