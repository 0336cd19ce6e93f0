using System.Runtime.InteropServices;

namespace VkNet.Tensors;

/// <summary>
/// A dense row-major tensor in host memory. Storage is an array of the element type's .NET counterpart:
/// float, double, Half, sbyte, byte, short, ushort, int, uint, long, ulong, bool; BFloat16 is stored as ushort bits.
/// </summary>
public sealed partial class Tensor
{
    private readonly Array _data;

    private Tensor(TensorType type, Array data)
    {
        Type = type;
        _data = data;
    }

    /// <summary>Element type and shape.</summary>
    public TensorType Type { get; }

    /// <summary>Element type.</summary>
    public DataType DataType => Type.DataType;

    /// <summary>Sizes of the axes.</summary>
    public Shape Shape => Type.Shape;

    /// <summary>Number of elements.</summary>
    public int Count => _data.Length;

    /// <summary>Makes a zero-filled tensor.</summary>
    /// <exception cref="VkNetException">VKN2003: more than 2^31-1 elements, which a .NET array cannot hold.</exception>
    public static Tensor Zeros(DataType dataType, Shape shape) => Zeros(new TensorType(dataType, shape));

    /// <inheritdoc cref="Zeros(DataType, Shape)"/>
    public static Tensor Zeros(TensorType type)
    {
        var count = type.Shape.ElementCount;
        if (count > Array.MaxLength)
            throw new VkNetException("VKN2003", $"a host tensor of type {type} would have {count} elements; at most {Array.MaxLength} are possible");
        return new Tensor(type, Allocate(type.DataType, (int)count));
    }

    /// <summary>Wraps an array (no copy). <typeparamref name="T"/> must be the storage type of a data type; bool, Half and the integers are understood.</summary>
    /// <exception cref="ArgumentException">The array's length is not the shape's element count, or the element type is unknown.</exception>
    public static Tensor From<T>(T[] data, params ReadOnlySpan<long> shape) where T : unmanaged
    {
        var type = new TensorType(DataTypeOf(typeof(T)), shape.IsEmpty && data.Length != 1 ? [data.Length] : new Shape(shape));
        if (type.Shape.ElementCount != data.Length)
            throw new ArgumentException($"{data.Length} values do not fill a tensor of shape {type.Shape}", nameof(data));
        return new Tensor(type, data);
    }

    /// <summary>Wraps an array (no copy) as <paramref name="type"/>.</summary>
    public static Tensor From<T>(TensorType type, T[] data) where T : unmanaged
    {
        if (StorageType(type.DataType) != typeof(T)) throw new ArgumentException($"{type.DataType.Name()} is stored as {StorageType(type.DataType).Name}, not {typeof(T).Name}", nameof(data));
        if (type.Shape.ElementCount != data.Length) throw new ArgumentException($"{data.Length} values do not fill {type}", nameof(data));
        return new Tensor(type, data);
    }

    /// <summary>A float32 scalar.</summary>
    public static Tensor Scalar(float value) => new(new TensorType(DataType.Float32, Shape.Scalar), new[] { value });

    /// <summary>An int64 scalar.</summary>
    public static Tensor Scalar(long value) => new(new TensorType(DataType.Int64, Shape.Scalar), new[] { value });

    /// <summary>The elements. <typeparamref name="T"/> must be the storage type.</summary>
    public Span<T> Values<T>() where T : unmanaged => Elements<T>();

    /// <summary>A copy of the elements. <typeparamref name="T"/> must be the storage type; <see cref="Values{T}"/> gives the elements themselves.</summary>
    public T[] ToArray<T>() where T : unmanaged => [.. Elements<T>()];

    private T[] Elements<T>() where T : unmanaged =>
        _data as T[] ?? throw new InvalidOperationException($"a {DataType.Name()} tensor stores {StorageType(DataType).Name}, not {typeof(T).Name}");

    /// <summary>The raw bytes of the elements, in host byte order.</summary>
    public Span<byte> Bytes() => MemoryMarshal.CreateSpan(ref MemoryMarshal.GetArrayDataReference(_data), checked(_data.Length * DataType.HostSize()));

    /// <summary>The same values under another shape of equal element count (no copy).</summary>
    public Tensor Reshape(Shape shape)
    {
        if (shape.ElementCount != Count) throw new ArgumentException($"{Shape} cannot be viewed as {shape}: the element counts differ", nameof(shape));
        return new Tensor(new TensorType(DataType, shape), _data);
    }

    /// <summary>A copy of the first <paramref name="count"/> indices along an axis; all of them when there are fewer, none when it is negative.</summary>
    public Tensor Take(int axis, long count)
    {
        count = Math.Clamp(count, 0, Shape[axis]);
        if (count == Shape[axis]) return this;
        var result = Zeros(DataType, Shape.With(axis, count));
        var inner = checked((int)Shape.Product(axis + 1, Shape.Rank) * DataType.HostSize());
        for (var i = 0L; i < Shape.Product(0, axis) && count > 0; i++)
            Bytes().Slice((int)(i * Shape[axis] * inner), (int)(count * inner)).CopyTo(result.Bytes()[(int)(i * count * inner)..]);
        return result;
    }

    /// <summary>A copy converted to another element type. Reals round to nearest even, to integers toward zero (saturating); anything but zero is true.</summary>
    public Tensor Cast(DataType target)
    {
        if (target == DataType) return this;
        var result = Zeros(target, Shape);
        if (DataType.IsFloat()) ElementConversion.StoreReals(result, ElementConversion.LoadReals(this));
        else if (target.IsFloat()) ElementConversion.StoreReals(result, ElementConversion.LoadReals(this));
        else ElementConversion.StoreIntegers(result, ElementConversion.LoadIntegers(this));
        return result;
    }

    /// <summary>A deep copy.</summary>
    public Tensor Clone() => new(Type, (Array)_data.Clone());

    /// <summary>The storage type of a data type.</summary>
    public static Type StorageType(DataType type) => type switch
    {
        DataType.Float32 => typeof(float),
        DataType.Float64 => typeof(double),
        DataType.Float16 => typeof(Half),
        DataType.BFloat16 => typeof(ushort),
        DataType.Int8 => typeof(sbyte),
        DataType.UInt8 => typeof(byte),
        DataType.Int16 => typeof(short),
        DataType.UInt16 => typeof(ushort),
        DataType.Int32 => typeof(int),
        DataType.UInt32 => typeof(uint),
        DataType.Int64 => typeof(long),
        DataType.UInt64 => typeof(ulong),
        DataType.Bool => typeof(bool),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <inheritdoc/>
    public override string ToString() => Type.ToString();

    private static DataType DataTypeOf(Type type)
    {
        foreach (var candidate in Enum.GetValues<DataType>())
            if (candidate != DataType.BFloat16 && StorageType(candidate) == type) return candidate;
        throw new ArgumentException($"tensors cannot hold {type.Name}");
    }

    private static Array Allocate(DataType type, int count) => type switch
    {
        DataType.Float32 => new float[count],
        DataType.Float64 => new double[count],
        DataType.Float16 => new Half[count],
        DataType.Int8 => new sbyte[count],
        DataType.UInt8 => new byte[count],
        DataType.Int16 => new short[count],
        DataType.UInt16 or DataType.BFloat16 => new ushort[count],
        DataType.Int32 => new int[count],
        DataType.UInt32 => new uint[count],
        DataType.Int64 => new long[count],
        DataType.UInt64 => new ulong[count],
        DataType.Bool => new bool[count],
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };
}
