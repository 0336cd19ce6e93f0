namespace VkNet.Formats;

/// <summary>A stream that sums up what is read through it, to be compared with the CRC that an archive declares.</summary>
internal sealed class SummedStream(Stream inner) : Stream
{
    private Crc32 _crc = new();

    /// <summary>The CRC-32 of all bytes read so far.</summary>
    public uint Crc => _crc.Value;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        var count = inner.Read(buffer);
        _crc.Add(buffer[..count]);
        return count;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <summary>Checks that nothing follows.</summary>
    /// <exception cref="InvalidDataException">More bytes follow.</exception>
    public void ExpectEnd()
    {
        Span<byte> rest = stackalloc byte[256];
        if (Read(rest) > 0) throw new InvalidDataException("a member is longer than the archive's directory says");
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }
}
