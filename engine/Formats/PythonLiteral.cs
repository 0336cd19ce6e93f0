using System.Globalization;

namespace VkNet.Formats;

/// <summary>Takes apart the few kinds of Python literals that npy headers are made of. Malformed text throws <see cref="FormatException"/>.</summary>
internal sealed class PythonLiteral(string text)
{
    private int _position;

    /// <summary>The next character that is no blank; 0 at the end.</summary>
    public char Next
    {
        get
        {
            while (_position < text.Length && char.IsWhiteSpace(text[_position])) _position++;
            return _position < text.Length ? text[_position] : '\0';
        }
    }

    /// <summary>Takes <paramref name="character"/> if it is next.</summary>
    public bool TryTake(char character)
    {
        if (Next != character) return false;
        _position++;
        return true;
    }

    /// <summary>Takes <paramref name="character"/>, which must be next.</summary>
    public void Expect(char character)
    {
        if (!TryTake(character)) throw Unexpected($"'{character}'");
    }

    /// <summary>Checks that nothing but blanks is left.</summary>
    public void ExpectEnd()
    {
        if (Next != '\0' || _position < text.Length) throw Unexpected("the end");
    }

    /// <summary>Takes a quoted string without escapes.</summary>
    public string TakeString()
    {
        var quote = Next;
        if (quote is not ('\'' or '"')) throw Unexpected("a quoted name");
        var end = text.IndexOf(quote, _position + 1);
        if (end < 0) throw new FormatException("a quoted name does not end");
        var content = text[(_position + 1)..end];
        _position = end + 1;
        return content;
    }

    /// <summary>Takes True or False.</summary>
    public bool TakeTruth()
    {
        var isTrue = Next == 'T';
        var word = isTrue ? "True" : "False";
        if (string.CompareOrdinal(text, _position, word, 0, word.Length) != 0) throw Unexpected("True or False");
        _position += word.Length;
        return isTrue;
    }

    /// <summary>Takes a tuple of whole numbers that are not negative: <c>()</c>, <c>(3,)</c>, <c>(3, 4)</c>.</summary>
    public List<long> TakeTuple()
    {
        var items = new List<long>();
        Expect('(');
        while (!TryTake(')'))
        {
            items.Add(TakeNumber());
            if (TryTake(',')) continue;
            Expect(')');
            break;
        }
        return items;
    }

    private long TakeNumber()
    {
        if (!char.IsAsciiDigit(Next)) throw Unexpected("a size");
        var start = _position;
        while (_position < text.Length && char.IsAsciiDigit(text[_position])) _position++;
        if (!long.TryParse(text.AsSpan(start, _position - start), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            throw new FormatException($"the size {text[start.._position]} is too large");
        // Python 2 wrote long integers as 3L.
        TryTake('L');
        return number;
    }

    private FormatException Unexpected(string wanted) =>
        new(Next == '\0' ? $"it ends where {wanted} should stand" : $"{wanted} should stand at position {_position}, not '{Next}'");
}
