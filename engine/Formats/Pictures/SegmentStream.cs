namespace VkNet.Formats;

/// <summary>Parts of an array, read as one stream without copying them together.</summary>
internal sealed class SegmentStream(byte[] content, IReadOnlyList<(int Start, int Length)> segments) : Stream
{
    private int _segment;
    private int _offset;

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
        while (_segment < segments.Count && _offset == segments[_segment].Length)
        {
            _segment++;
            _offset = 0;
        }
        if (_segment == segments.Count) return 0;
        var (start, length) = segments[_segment];
        var count = Math.Min(buffer.Length, length - _offset);
        content.AsSpan(start + _offset, count).CopyTo(buffer);
        _offset += count;
        return count;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

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
}
