using TrainHarness.Results;

namespace TrainHarness.Cli.Tests;

/// <summary>What goes wrong with one write of a file.</summary>
internal enum Fault
{
    /// <summary>The file cannot be made: the folder is read-only.</summary>
    ReadOnly,

    /// <summary>A part is written, then the disk breaks.</summary>
    Failure,

    /// <summary>A part is written, then the disk is full.</summary>
    NoSpace,

    /// <summary>All is written, and the disk is full when it is to hold it.</summary>
    NoSpaceAtTheEnd,

    /// <summary>A part is written, and nobody says that the rest was not.</summary>
    ShortWrite,
}

/// <summary>A disk under <see cref="AtomicFile"/> that fails at one of its files. In force until disposed.</summary>
internal sealed class FaultyDisk : IDisposable
{
    private const int DiskFull = 28;

    private readonly int failing;
    private readonly Fault fault;

    /// <param name="failing">Which file fails, from 0 on, in the order in which they are written; -1 for none.</param>
    public FaultyDisk(int failing, Fault fault)
    {
        this.failing = failing;
        this.fault = fault;
        AtomicFile.Disk.Value = Create;
    }

    /// <summary>Files that were written, or were to be.</summary>
    public List<string> Files { get; } = [];

    public void Dispose() => AtomicFile.Disk.Value = null;

    private Stream Create(string path)
    {
        Files.Add(path);
        if (Files.Count - 1 != failing)
            return new FileStream(path, FileMode.Create, FileAccess.Write);
        return fault == Fault.ReadOnly
            ? throw new UnauthorizedAccessException($"Access to the path '{path}' is denied.")
            : new Broken(new FileStream(path, FileMode.Create, FileAccess.Write), fault);
    }

    private static IOException Full() => new("No space left on device", OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : DiskFull);

    private sealed class Broken(FileStream file, Fault fault) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => file.Length;

        public override long Position { get => file.Position; set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (fault == Fault.NoSpaceAtTheEnd)
            {
                file.Write(buffer);
                return;
            }

            file.Write(buffer[..(buffer.Length / 2)]);
            if (fault == Fault.NoSpace)
                throw Full();
            if (fault == Fault.Failure)
                throw new IOException("Input/output error", 5);
        }

        public override void Flush()
        {
            file.Flush();
            if (fault == Fault.NoSpaceAtTheEnd)
                throw Full();
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                file.Dispose();
            base.Dispose(disposing);
        }
    }
}
