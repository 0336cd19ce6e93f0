using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>Examples to learn from, by number. Implement it to feed a training from anywhere; several threads read at once.</summary>
public interface IDataSource
{
    /// <summary>Number of examples.</summary>
    long Count { get; }

    /// <summary>What every example has.</summary>
    IReadOnlyList<DataColumn> Columns { get; }

    /// <summary>
    /// Whether examples follow one another, as the windows of a text do: each row of a batch then walks through a part of its own, and
    /// carried state passes from one batch to the next.
    /// </summary>
    bool IsSequence => false;

    /// <summary>The classes or tokens behind the whole numbers of the columns, in order; empty when there are none.</summary>
    IReadOnlyList<string> Vocabulary => [];

    /// <summary>Copies one column of some examples.</summary>
    /// <param name="column">Index into <see cref="Columns"/>.</param>
    /// <param name="examples">The examples' numbers.</param>
    /// <param name="batch">Takes them: of the column's element type and shape [examples, ...].</param>
    void Read(int column, ReadOnlySpan<long> examples, Tensor batch);
}
