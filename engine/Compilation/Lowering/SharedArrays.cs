using System.Diagnostics.CodeAnalysis;

namespace VkNet.Compilation;

/// <summary>Gives equal arrays once: plans are full of calls with the same constants and parameters.</summary>
internal sealed class SharedArrays<T>
    where T : unmanaged, IEquatable<T>
{
    private readonly Dictionary<T[], int> _numbers = new(new Contents());
    private readonly List<T[]> _arrays = [];

    /// <summary>The array with these contents. It must not be changed.</summary>
    internal T[] Share(ReadOnlySpan<T> contents) => _arrays[Number(contents, out _)];

    /// <summary>The number of the array with these contents, counted in order of first appearance.</summary>
    internal int Number(ReadOnlySpan<T> contents, out bool isNew)
    {
        var lookup = _numbers.GetAlternateLookup<ReadOnlySpan<T>>();
        isNew = !lookup.TryGetValue(contents, out var number);
        if (!isNew) return number;
        lookup[contents] = number = _arrays.Count;
        lookup.TryGetValue(contents, out var array, out _);
        _arrays.Add(array!);
        return number;
    }

    private sealed class Contents : IEqualityComparer<T[]>, IAlternateEqualityComparer<ReadOnlySpan<T>, T[]>
    {
        public bool Equals(T[]? x, T[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode([DisallowNull] T[] array) => GetHashCode(array.AsSpan());

        public bool Equals(ReadOnlySpan<T> alternate, T[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<T> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(alternate));
            return hash.ToHashCode();
        }

        public T[] Create(ReadOnlySpan<T> alternate) => alternate.ToArray();
    }
}
