using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;

namespace VkNet.Runner.Fuzzing;

/// <summary>
/// Changes valid files a little, each in the way of its structure: bytes anywhere, the words of a text, the header of a file whose header
/// has a length. The same random numbers give the same change.
/// </summary>
internal static partial class Mutation
{
    private static readonly byte[] ExtremeBytes = [0, 1, 0x7F, 0x80, 0xFF, (byte)'9', (byte)'-', (byte)'{'];

    private static readonly string[] ExtremeNumbers =
    [
        "0", "-1", "1", "2", "3", "7", "255", "65536", "2147483647", "-2147483648", "4294967296", "9223372036854775807", "-9223372036854775808", "99999999999999999999", "0.5", "1e308", "-1e-400",
    ];

    private static readonly string[] ExtremeWords =
    [
        .. ExtremeNumbers, "nan", ".nan", ".inf", "NaN", "Infinity", "true", "null", "~", "", "N", "M", "f16", "i64", "bool", "*a", "&a", "<<", "!!binary", "---", "\"", "'",
        "[", "]", "{", "}", "[]", "{}", ":", ",", "#", "|", ">", "\t", "\n", "\\", "\\u0000", "\0", "\uFEFF", "Ω", "../x", "/", "$", "(", ")", "N*N", "1/0",
    ];

    /// <summary>One to three changes of bytes; half of them among the first 64, where headers stand.</summary>
    internal static byte[] Bytes(byte[] seed, Random random)
    {
        var content = new List<byte>(seed);
        for (var changes = random.Next(1, 4); changes > 0 && content.Count > 0; changes--)
        {
            var at = random.Next(random.Next(2) == 0 ? Math.Min(64, content.Count) : content.Count);
            switch (random.Next(6))
            {
                case 0: content[at] = (byte)random.Next(256); break;
                case 1: content[at] = Any(ExtremeBytes, random); break;
                case 2: content[at] ^= (byte)(1 << random.Next(8)); break;
                case 3: content.RemoveRange(at, Math.Min(random.Next(1, 9), content.Count - at)); break;
                case 4: content.InsertRange(at, content.GetRange(at, Math.Min(random.Next(1, 9), content.Count - at))); break;
                default: content.RemoveRange(at, random.Next(4) == 0 ? content.Count - at : 0); break;
            }
        }
        return [.. content];
    }

    /// <summary>One to three changes of a text's words, marks and lines; one time in sixteen of its bytes.</summary>
    internal static byte[] Text(byte[] seed, Random random)
    {
        if (random.Next(16) == 0) return Bytes(seed, random);
        var words = Words().Matches(Encoding.UTF8.GetString(seed)).Select(m => m.Value).ToList();
        for (var changes = random.Next(1, 4); changes > 0 && words.Count > 0; changes--) ChangeWord(words, random);
        return Encoding.UTF8.GetBytes(string.Concat(words));
    }

    /// <summary>Changes the header's text and mends its length, which stands before it in eight bytes; or changes any bytes.</summary>
    internal static byte[] Safetensors(byte[] seed, Random random)
    {
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(seed);
        if (random.Next(4) == 0) return Bytes(seed, random);
        var header = Text(seed[8..(8 + length)], random);
        var mended = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(mended, header.Length);
        return [.. mended, .. header, .. seed.AsSpan(8 + length)];
    }

    /// <summary>Changes the header's text and mends its length, which stands before it in two bytes; or changes any bytes.</summary>
    internal static byte[] Npy(byte[] seed, Random random)
    {
        var length = BinaryPrimitives.ReadUInt16LittleEndian(seed.AsSpan(8));
        if (random.Next(4) == 0) return Bytes(seed, random);
        var header = Text(seed[10..(10 + length)], random);
        var mended = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(mended, (ushort)Math.Min(header.Length, ushort.MaxValue));
        return [.. seed.AsSpan(0, 8), .. mended, .. header, .. seed.AsSpan(10 + length)];
    }

    /// <summary>An element of a list.</summary>
    internal static T Any<T>(IReadOnlyList<T> items, Random random) => items[random.Next(items.Count)];

    private static void ChangeWord(List<string> words, Random random)
    {
        var at = random.Next(words.Count);
        // Most changes of any kind end at the parser. Two of three therefore keep the text well-formed: a number for a number, a name for a name.
        if (random.Next(3) != 0)
        {
            var isNumber = random.Next(2) == 0;
            bool Fits(string word) => word.Length > 0 && (isNumber ? char.IsAsciiDigit(word[^1]) && !char.IsAsciiLetter(word[0]) : char.IsAsciiLetter(word[0]));
            if (words.FindIndex(at, Fits) is >= 0 and var place)
            {
                words[place] = isNumber && random.Next(2) == 0 ? Any(ExtremeNumbers, random) : Any(words.FindAll(Fits), random);
                return;
            }
        }
        switch (random.Next(9))
        {
            case 0 or 1: words[at] = Any(ExtremeWords, random); break;
            case 2: words[at] = Any(words, random); break;
            case 3: words.RemoveAt(at); break;
            case 4: words.Insert(at, Any(ExtremeWords, random)); break;
            case 5: words[at] = long.TryParse(words[at], out var value) ? $"{unchecked(value + random.Next(-2, 3))}" : words[at] + words[at]; break;
            case 6:
                var (start, count) = Line(words, at);
                words.InsertRange(random.Next(words.Count), words.GetRange(start, count));
                break;
            case 7:
                (start, count) = Line(words, at);
                words.RemoveRange(start, count);
                break;
            default:
                words[at] = string.Concat(Enumerable.Repeat(Any(["[", "{", "- ", "{a: ", "(", words[at]], random), random.Next(1, 200)));
                break;
        }
    }

    // The words from the last line end before a place up to the next one.
    private static (int Start, int Count) Line(List<string> words, int at)
    {
        var start = at == 0 ? 0 : words.FindLastIndex(at - 1, w => w.Contains('\n', StringComparison.Ordinal)) + 1;
        var end = words.FindIndex(at, w => w.Contains('\n', StringComparison.Ordinal));
        return (start, (end < 0 ? words.Count : end + 1) - start);
    }

    [GeneratedRegex(@"[\p{L}\p{N}_.+-]+|[ ]+|\\.|.", RegexOptions.Singleline)]
    private static partial Regex Words();
}
