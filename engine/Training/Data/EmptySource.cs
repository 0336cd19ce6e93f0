using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>Examples without columns, for trainings that are fed with random numbers or with nothing.</summary>
/// <param name="count">How many examples make an epoch.</param>
public sealed class EmptySource(long count) : IDataSource
{
    /// <inheritdoc/>
    public long Count => count;

    /// <inheritdoc/>
    public IReadOnlyList<DataColumn> Columns => [];

    /// <inheritdoc/>
    public void Read(int column, ReadOnlySpan<long> examples, Tensor batch) => throw new InvalidOperationException("there are no columns");
}
