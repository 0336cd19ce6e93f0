using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Compilation;

/// <summary>A value as kernels see it: a range of a buffer, a logical type and a layout.</summary>
/// <param name="Buffer">The buffer.</param>
/// <param name="Offset">First byte within it.</param>
/// <param name="Type">Element type and logical shape. Elements take four bytes each on the device, whatever their type.</param>
/// <param name="Layout">How the elements lie.</param>
public sealed record DeviceTensor(VirtualBuffer Buffer, long Offset, TensorType Type, Layout Layout)
{
    /// <summary>Bytes per element of every type on the device.</summary>
    public const int ElementBytes = 4;

    /// <summary>Logical shape.</summary>
    public Shape Shape => Type.Shape;

    /// <summary>Bytes it takes, padding of channels included, rounded up to 16.</summary>
    public long Bytes => SizeOf(Type, Layout);

    /// <summary>Whether its values are the same in every run.</summary>
    public bool IsConstant => Buffer.Kind == BufferKind.Constant;

    /// <summary>Number of channels with padding to a multiple of four, for channels-last tensors.</summary>
    public long PaddedChannels => (Shape[1] + 3) / 4 * 4;

    /// <summary>Bytes that a tensor takes, rounded up to 16 so that whole vectors can be read at its end.</summary>
    /// <exception cref="VkNetException">VKN2002: the size overflows.</exception>
    public static long SizeOf(TensorType type, Layout layout)
    {
        var elements = layout == Layout.Dense ? type.Shape.ElementCount : type.Shape.With(1, (type.Shape[1] + 3) / 4 * 4).ElementCount;
        return Math.Max(16, (elements * ElementBytes + 15) / 16 * 16);
    }

    /// <summary>
    /// For a channels-last tensor that is a part of a wider one's channels: where it lies in every position; null for a tensor of its own.
    /// </summary>
    public ChannelPart? Part { get; init; }

    /// <summary>First texel (four channels) of a channels-last tensor within a position.</summary>
    public int FirstTexel => Part?.First ?? 0;

    /// <summary>Texels from one position of a channels-last tensor to the next.</summary>
    public int TexelPitch => Part?.Pitch ?? checked((int)(PaddedChannels / 4));

    internal TensorSlice Slice => Part is { } part
        ? new TensorSlice(Buffer, Offset, Bytes / (PaddedChannels * ElementBytes) * part.Pitch * 16) { Part = part with { Count = (int)(PaddedChannels / 4) } }
        : new TensorSlice(Buffer, Offset, Bytes);
}
