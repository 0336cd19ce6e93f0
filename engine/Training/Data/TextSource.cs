using System.Text;
using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>
/// A text cut into windows that follow one another: column <c>tokens</c> holds the window's characters as numbers, column <c>next</c>
/// those one further on. The vocabulary is the characters that occur anywhere in the text, in the order of their code points.
/// </summary>
public sealed class TextSource : IDataSource
{
    private readonly int[] _tokens;
    private readonly int _length;

    /// <summary>Cuts a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="length">Characters in a window.</param>
    /// <param name="from">Share of the text where the part read begins.</param>
    /// <param name="to">Share of the text where it ends.</param>
    /// <exception cref="VkNetException">VKN5109: the part is shorter than a window and one character.</exception>
    public TextSource(string text, int length, double from = 0, double to = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        var runes = text.EnumerateRunes().ToArray();
        var alphabet = runes.Distinct().Order().ToArray();
        Vocabulary = [.. alphabet.Select(r => r.ToString())];
        var numbers = alphabet.Select((rune, i) => (rune, i)).ToDictionary(p => p.rune, p => p.i);
        var (start, end) = ((int)(from * runes.Length), (int)(to * runes.Length));
        if (end - start < length + 1)
            throw new VkNetException("VKN5109", $"the text has {Math.Max(0, end - start)} characters, too few for a window of {length} and the character after it", "take a longer text or a smaller 'length'");
        _tokens = [.. runes[start..end].Select(r => numbers[r])];
        _length = length;
        var type = new TensorType(DataType.Int32, [length]);
        Columns = [new DataColumn("tokens", type) { Classes = alphabet.Length }, new DataColumn("next", type) { Classes = alphabet.Length }];
        Count = (_tokens.Length - 1) / length;
    }

    /// <inheritdoc/>
    public long Count { get; }

    /// <inheritdoc/>
    public IReadOnlyList<DataColumn> Columns { get; }

    /// <inheritdoc/>
    public bool IsSequence => true;

    /// <inheritdoc/>
    public IReadOnlyList<string> Vocabulary { get; }

    /// <inheritdoc/>
    public void Read(int column, ReadOnlySpan<long> examples, Tensor batch)
    {
        var target = batch.Values<int>();
        for (var i = 0; i < examples.Length; i++) _tokens.AsSpan((int)(examples[i] * _length) + column, _length).CopyTo(target[(i * _length)..]);
    }
}
