namespace VkNet.Formats;

/// <summary>The CRC-32 of ISO 3309 (polynomial 0xEDB88320 reflected), which PNG chunks and zip members carry.</summary>
internal struct Crc32
{
    private static readonly uint[][] Tables = MakeTables();
    private uint _state;

    /// <summary>Starts a sum over nothing.</summary>
    public Crc32() => _state = ~0u;

    /// <summary>The sum over everything added so far.</summary>
    public readonly uint Value => ~_state;

    /// <summary>The sum over one run of bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = new Crc32();
        crc.Add(bytes);
        return crc.Value;
    }

    /// <summary>Adds bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        var state = _state;
        // Four bytes at a time: table k holds the effect of a byte followed by k zero bytes.
        while (bytes.Length >= 4)
        {
            state ^= bytes[0] | (uint)bytes[1] << 8 | (uint)bytes[2] << 16 | (uint)bytes[3] << 24;
            state = Tables[3][(byte)state] ^ Tables[2][(byte)(state >> 8)] ^ Tables[1][(byte)(state >> 16)] ^ Tables[0][state >> 24];
            bytes = bytes[4..];
        }
        foreach (var value in bytes) state = Tables[0][(byte)(state ^ value)] ^ (state >> 8);
        _state = state;
    }

    private static uint[][] MakeTables()
    {
        var tables = new uint[4][];
        for (var k = 0; k < tables.Length; k++)
        {
            tables[k] = new uint[256];
            for (uint i = 0; i < 256; i++)
            {
                if (k > 0)
                {
                    var previous = tables[k - 1][i];
                    tables[k][i] = tables[0][(byte)previous] ^ (previous >> 8);
                    continue;
                }
                var value = i;
                for (var bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? 0xEDB88320u ^ (value >> 1) : value >> 1;
                tables[0][i] = value;
            }
        }
        return tables;
    }
}
