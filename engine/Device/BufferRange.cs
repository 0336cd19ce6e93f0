namespace VkNet.Devices;

/// <summary>Some bytes of a buffer, as bound to a kernel or copied.</summary>
/// <param name="Buffer">The buffer.</param>
/// <param name="Offset">First byte.</param>
/// <param name="Size">Number of bytes.</param>
/// <param name="Label">Name for diagnostics (the tensor's); null takes the buffer's.</param>
internal readonly record struct BufferRange(DeviceBuffer Buffer, long Offset, long Size, string? Label = null)
{
    /// <summary>The whole of a buffer.</summary>
    public BufferRange(DeviceBuffer buffer)
        : this(buffer, 0, buffer.Size)
    {
    }

    /// <summary>The name for diagnostics.</summary>
    public string DisplayName => Label ?? Buffer.Label;

    /// <inheritdoc/>
    public override string ToString() => $"{DisplayName}[{Offset}..{Offset + Size}]";
}
