using System.Numerics;

namespace VkNet.Tensors;

/// <summary>
/// The counter-based generator Philox4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011): block i of a stream
/// is a function of (seed, stream, i) alone, so host and device give the same numbers in any order.
/// </summary>
public sealed class PhiloxRandom
{
    private readonly uint _key0;
    private readonly uint _key1;
    private readonly ulong _stream;
    private ulong _block;
    private (uint A, uint B, uint C, uint D) _values;
    private int _used = 4;
    private double? _spareNormal;

    /// <summary>Starts a stream.</summary>
    /// <param name="seed">Chooses the key.</param>
    /// <param name="stream">Chooses one of 2^64 independent streams under it.</param>
    public PhiloxRandom(ulong seed, ulong stream = 0)
    {
        (_key0, _key1) = ((uint)seed, (uint)(seed >> 32));
        _stream = stream;
    }

    /// <summary>The four words of one block.</summary>
    /// <param name="counter">The block's number (low words of the counter).</param>
    /// <param name="stream">High words of the counter.</param>
    /// <param name="key0">Low key word.</param>
    /// <param name="key1">High key word.</param>
    public static (uint A, uint B, uint C, uint D) Block(ulong counter, ulong stream, uint key0, uint key1)
    {
        var (a, b, c, d) = ((uint)counter, (uint)(counter >> 32), (uint)stream, (uint)(stream >> 32));
        for (var round = 0; round < 10; round++)
        {
            var (x, y) = ((ulong)a * 0xD2511F53, (ulong)c * 0xCD9E8D57);
            (a, b, c, d) = ((uint)(y >> 32) ^ b ^ key0, (uint)y, (uint)(x >> 32) ^ d ^ key1, (uint)x);
            key0 += 0x9E3779B9;
            key1 += 0xBB67AE85;
        }
        return (a, b, c, d);
    }

    /// <summary>The next 32 random bits.</summary>
    public uint NextUInt()
    {
        if (_used == 4)
        {
            _values = Block(_block++, _stream, _key0, _key1);
            _used = 0;
        }
        return _used++ switch { 0 => _values.A, 1 => _values.B, 2 => _values.C, _ => _values.D };
    }

    /// <summary>The next uniform number in [0, 1), a multiple of 2^-24.</summary>
    public float NextUniform() => (NextUInt() >> 8) * (1f / (1 << 24));

    /// <summary>The next whole number in [0, <paramref name="bound"/>), without bias.</summary>
    public int NextInteger(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        // Lemire's method: reject the few products that would favour small numbers.
        var threshold = unchecked((uint)-bound) % (uint)bound;
        while (true)
        {
            var product = (ulong)NextUInt() * (uint)bound;
            if ((uint)product >= threshold) return (int)(product >> 32);
        }
    }

    /// <summary>The next standard normal number (Box and Muller).</summary>
    public double NextNormal()
    {
        if (_spareNormal is { } spare)
        {
            _spareNormal = null;
            return spare;
        }
        var radius = Math.Sqrt(-2 * Math.Log((NextUInt() + 1.0) / 4294967296.0));
        var (sine, cosine) = Math.SinCos(2 * Math.PI * (NextUInt() / 4294967296.0));
        _spareNormal = radius * sine;
        return radius * cosine;
    }

    /// <summary>Puts a list into random order (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = NextInteger(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>A stream number made from a name, so that equal names give equal numbers whatever the order (FNV-1a, 64 bits).</summary>
    public static ulong StreamOf(string name)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in name) hash = unchecked((hash ^ c) * 1099511628211UL);
        return BitOperations.RotateLeft(hash, 17);
    }
}
