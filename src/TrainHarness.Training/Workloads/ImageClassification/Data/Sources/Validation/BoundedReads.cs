namespace TrainHarness.Training.Workloads.ImageClassification.Data.Sources.Validation;

/// <summary>
/// A file that is read by a library which may not notice its end, or read the same place again and again: reading past the end, and reading
/// far more than the file holds, are errors.
/// </summary>
/// <param name="file">Disposed of with this.</param>
internal sealed class BoundedReads(FileStream file) : Stream
{
    // Headers are read more than once.
    private const int TimesOver = 4;
    private const long AtLeast = 1 << 20;

    private long left = Math.Max(AtLeast, file.Length * TimesOver);

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => file.Length;

    public override long Position
    {
        get => file.Position;
        set => file.Position = value;
    }

    /// <exception cref="InvalidDataException">There is nothing more to read, or it was read too often.</exception>
    public override int Read(Span<byte> buffer)
    {
        var read = file.Read(buffer);
        if (read == 0 && buffer.Length > 0)
            throw new InvalidDataException("it says that more follows where it ends.");
        left -= read;
        return left >= 0 ? read : throw new InvalidDataException("it sends its reader in circles.");
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Task.FromResult(Read(buffer, offset, count));

    public override int ReadByte()
    {
        Span<byte> one = stackalloc byte[1];
        return Read(one) == 1 ? one[0] : -1;
    }

    public override long Seek(long offset, SeekOrigin origin) => file.Seek(offset, origin);

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() { }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            file.Dispose();
        base.Dispose(disposing);
    }
}
