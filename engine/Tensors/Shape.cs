using System.Collections;
using System.Runtime.CompilerServices;

namespace VkNet.Tensors;

/// <summary>The sizes of a tensor's axes, outermost first. Rank 0 is a scalar; an axis of size 0 is legal.</summary>
[CollectionBuilder(typeof(Shape), nameof(Create))]
public sealed class Shape : IReadOnlyList<long>, IEquatable<Shape>
{
    private readonly long[] _sizes;

    /// <summary>Makes a shape.</summary>
    /// <exception cref="VkNetException">VKN2001: a size is negative; VKN2002: the element count overflows 63 bits.</exception>
    public Shape(params ReadOnlySpan<long> sizes)
    {
        _sizes = sizes.ToArray();
        long count = 1;
        var zero = false;
        foreach (var size in _sizes)
        {
            if (size < 0) throw new VkNetException("VKN2001", $"a tensor cannot have the negative size {size} in shape [{string.Join(", ", _sizes)}]");
            zero |= size == 0;
            if (size == 0) continue;
            if (count > long.MaxValue / size / 16)
                throw new VkNetException("VKN2002", $"the shape [{string.Join(", ", _sizes)}] has more elements than any memory can hold");
            count *= size;
        }
        ElementCount = zero ? 0 : count;
    }

    /// <summary>The shape of a scalar: no axes, one element.</summary>
    public static Shape Scalar { get; } = new();

    /// <summary>Number of axes.</summary>
    public int Rank => _sizes.Length;

    /// <inheritdoc/>
    public int Count => _sizes.Length;

    /// <summary>Product of all sizes.</summary>
    public long ElementCount { get; }

    /// <summary>Size of axis <paramref name="axis"/>; negative axes count from the end.</summary>
    public long this[int axis] => _sizes[axis < 0 ? axis + _sizes.Length : axis];

    /// <summary>The sizes.</summary>
    public ReadOnlySpan<long> AsSpan() => _sizes;

    /// <summary>The sizes from axis <paramref name="start"/> on, at most <paramref name="length"/>, as a shape.</summary>
    public Shape Slice(int start, int length) => new(_sizes.AsSpan(start, length));

    /// <summary>Product of the sizes of axes <paramref name="start"/> (inclusive) to <paramref name="end"/> (exclusive).</summary>
    public long Product(int start, int end)
    {
        long product = 1;
        for (var i = start; i < end; i++) product *= _sizes[i];
        return product;
    }

    /// <summary>Elements between neighbours along each axis of a dense row-major tensor.</summary>
    public long[] Strides()
    {
        var strides = new long[Rank];
        long stride = 1;
        for (var i = Rank - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= Math.Max(1, _sizes[i]);
        }
        return strides;
    }

    /// <summary>A copy with axis <paramref name="axis"/> set to <paramref name="size"/>.</summary>
    public Shape With(int axis, long size)
    {
        var sizes = (long[])_sizes.Clone();
        sizes[axis < 0 ? axis + Rank : axis] = size;
        return new Shape(sizes);
    }

    /// <summary>The common shape of two under NumPy's broadcasting rule, or null when they do not fit.</summary>
    public static Shape? Broadcast(Shape a, Shape b)
    {
        var sizes = new long[Math.Max(a.Rank, b.Rank)];
        for (var i = 1; i <= sizes.Length; i++)
        {
            var (x, y) = (i <= a.Rank ? a[a.Rank - i] : 1, i <= b.Rank ? b[b.Rank - i] : 1);
            if (x != y && x != 1 && y != 1) return null;
            sizes[^i] = x == 1 ? y : x;
        }
        return new Shape(sizes);
    }

    /// <summary>Makes a shape from a collection expression.</summary>
    public static Shape Create(ReadOnlySpan<long> sizes) => new(sizes);

    /// <inheritdoc/>
    public IEnumerator<long> GetEnumerator() => ((IEnumerable<long>)_sizes).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(Shape? other) => other is not null && _sizes.AsSpan().SequenceEqual(other._sizes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Shape);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var size in _sizes) hash.Add(size);
        return hash.ToHashCode();
    }

    /// <summary>Equality of all sizes.</summary>
    public static bool operator ==(Shape? a, Shape? b) => a is null ? b is null : a.Equals(b);

    /// <summary>Inequality of any size.</summary>
    public static bool operator !=(Shape? a, Shape? b) => !(a == b);

    /// <summary>Formats as <c>[2, 3, 224, 224]</c>.</summary>
    public override string ToString() => $"[{string.Join(", ", _sizes)}]";
}
