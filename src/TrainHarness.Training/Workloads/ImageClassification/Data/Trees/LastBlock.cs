using System.Text;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Trees;

/// <summary>
/// A stream of an archive that remembers the last block of a header's size that was read, for the name of a member that is refused.
/// </summary>
/// <param name="inner">Disposed of with this.</param>
internal sealed class LastBlock(Stream inner) : Stream
{
    private const int BlockBytes = 512;
    private const int NameBytes = 100;

    private readonly byte[] block = new byte[BlockBytes];

    public override bool CanRead => true;

    public override bool CanSeek => inner.CanSeek;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => inner.Position = value;
    }

    /// <summary>As the header has it, at most 100 letters.</summary>
    public string MemberName() =>
        Encoding.UTF8.GetString(block.AsSpan(0, NameBytes) is var name && name.IndexOf((byte)0) is var end and >= 0 ? name[..end] : name);

    public override int Read(Span<byte> buffer)
    {
        var read = inner.Read(buffer);
        if (buffer.Length == BlockBytes && read == BlockBytes)
            buffer.CopyTo(block);
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() { }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
