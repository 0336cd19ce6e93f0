namespace VkNet.Runner.Fuzzing;

/// <summary>
/// Changes one field somewhere in a protobuf message and mends the lengths of all messages around it, so that the change reaches what lies
/// behind the parser: a field left out, doubled, moved, with another number, type or value.
/// </summary>
internal static class ProtobufMutation
{
    private const int Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5;

    private static readonly ulong[] ExtremeNumbers = [0, 1, 2, 3, 7, 11, 16, 127, 128, 1UL << 31, int.MaxValue, 1UL << 32, 1UL << 40, long.MaxValue, 1UL << 63, ulong.MaxValue, ulong.MaxValue - 1];

    /// <summary>One to three changes.</summary>
    internal static byte[] Change(byte[] seed, Random random)
    {
        var content = seed;
        for (var changes = random.Next(1, 4); changes > 0; changes--) content = random.Next(16) == 0 ? Mutation.Bytes(content, random) : Message(content, random);
        return content;
    }

    private static byte[] Message(byte[] message, Random random)
    {
        if (Split(message) is not { Count: > 0 } fields) return Mutation.Bytes(message, random);
        var at = random.Next(fields.Count);
        // Most of a model lies in a few long fields; the short ones beside them would otherwise take most of the changes.
        if (random.Next(2) == 0) at = fields.IndexOf(fields.MaxBy(f => f.Content.Length));
        var (number, type, content) = fields[at];
        if (type == Bytes && content.Length > 0 && random.Next(5) != 0)
        {
            fields[at] = (number, type, random.Next(8) == 0 ? Mutation.Text(content, random) : Message(content, random));
            return Join(fields);
        }
        switch (random.Next(8))
        {
            case 0: fields.RemoveAt(at); break;
            case 1: fields.Insert(random.Next(fields.Count + 1), fields[at]); break;
            case 2: fields[at] = Mutation.Any(fields, random); break;
            case 3: fields[at] = ((uint)random.Next(1, 32), type, content); break;
            case 4: fields[at] = (number, type, Mutation.Any(fields, random).Content); break;
            case 5: fields[at] = (number, Mutation.Any([Varint, Fixed64, Bytes, Fixed32], random), content); break;
            default: fields[at] = (number, type, Value(type, content, random)); break;
        }
        return Join(fields);
    }

    private static byte[] Value(int type, byte[] content, Random random) => type switch
    {
        Varint => Number(Mutation.Any(ExtremeNumbers, random)),
        Bytes => random.Next(3) switch { 0 => [], 1 => [.. content, .. content], _ => Mutation.Bytes(content, random) },
        _ => BitConverter.GetBytes(Mutation.Any(ExtremeNumbers, random))[..content.Length],
    };

    // The fields of a message with their content, lengths left out; null when the bytes are none.
    private static List<(uint Number, int Type, byte[] Content)>? Split(byte[] message)
    {
        var fields = new List<(uint, int, byte[])>();
        for (var at = 0; at < message.Length;)
        {
            if (ReadNumber(message, ref at) is not { } tag || tag >> 3 is 0 or > 1 << 29) return null;
            var start = at;
            switch ((int)(tag & 7))
            {
                case Varint:
                    if (ReadNumber(message, ref at) is null) return null;
                    break;
                case Bytes:
                    if (ReadNumber(message, ref at) is not { } length || length > (ulong)(message.Length - at)) return null;
                    start = at;
                    at += (int)length;
                    break;
                case Fixed64: at += 8; break;
                case Fixed32: at += 4; break;
                default: return null;
            }
            if (at > message.Length) return null;
            fields.Add(((uint)(tag >> 3), (int)(tag & 7), message[start..at]));
        }
        return fields;
    }

    private static byte[] Join(List<(uint Number, int Type, byte[] Content)> fields)
    {
        using var joined = new MemoryStream();
        foreach (var (number, type, content) in fields)
        {
            joined.Write(Number(((ulong)number << 3) | (uint)type));
            if (type == Bytes) joined.Write(Number((ulong)content.Length));
            joined.Write(content);
        }
        return joined.ToArray();
    }

    private static ulong? ReadNumber(byte[] message, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64 && at < message.Length; shift += 7)
        {
            var next = message[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
        return null;
    }

    private static byte[] Number(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
