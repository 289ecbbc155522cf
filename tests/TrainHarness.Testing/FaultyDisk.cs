using TrainHarness.Files;

namespace TrainHarness.Testing;

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

/// <summary>A disk under <see cref="WritableFile"/> that fails at one write of one of its files. In force until disposed.</summary>
internal sealed class FaultyDisk : IDisposable
{
    private const int DiskFull = 28;

    private readonly int failing;
    private readonly Fault fault;
    private readonly int write;

    /// <param name="failing">Which file fails, from 0 on, in the order in which they are opened; -1 for none.</param>
    /// <param name="write">Which write of it, from 0 on.</param>
    public FaultyDisk(int failing, Fault fault, int write = 0)
    {
        this.failing = failing;
        this.fault = fault;
        this.write = write;
        WritableFile.Disk.Value = Open;
    }

    /// <summary>Files that were opened, or were to be.</summary>
    public List<string> Files { get; } = [];

    /// <summary>Writes of every file.</summary>
    public List<int> Writes { get; } = [];

    public void Dispose() => WritableFile.Disk.Value = null;

    /// <summary>What must be said of it.</summary>
    public static string Words(Fault fault) =>
        fault switch
        {
            Fault.ReadOnly => "the folder is read-only",
            Fault.Failure => "Input/output error",
            Fault.NoSpace or Fault.NoSpaceAtTheEnd => "the disk is full; make room",
            Fault.ShortWrite => "the disk does not hold what was written to it",
            _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, null),
        };

    private Opened Open(string path, FileStreamOptions options)
    {
        Files.Add(path);
        Writes.Add(0);
        return Files.Count - 1 == failing && fault == Fault.ReadOnly
            ? throw new UnauthorizedAccessException($"Access to the path '{path}' is denied.")
            : new Opened(this, Files.Count - 1, new FileStream(path, options));
    }

    private static IOException Full() =>
        new("No space left on device", OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : DiskFull);

    private sealed class Opened(FaultyDisk disk, int number, FileStream file) : Stream
    {
        public override bool CanRead => file.CanRead;

        public override bool CanSeek => file.CanSeek;

        public override bool CanWrite => file.CanWrite;

        public override long Length => file.Length;

        public override long Position
        {
            get => file.Position;
            set => file.Position = value;
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            var nth = disk.Writes[number]++;
            var broken = number == disk.failing && nth == disk.write && disk.fault != Fault.NoSpaceAtTheEnd;
            file.Write(broken ? buffer[..(buffer.Length / 2)] : buffer);
            if (broken && disk.fault == Fault.NoSpace)
                throw Full();
            if (broken && disk.fault == Fault.Failure)
                throw new IOException("Input/output error", 5);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }

        public override void Flush()
        {
            file.Flush();
            if (number == disk.failing && disk.fault == Fault.NoSpaceAtTheEnd)
                throw Full();
        }

        public override int Read(byte[] buffer, int offset, int count) => file.Read(buffer, offset, count);

        public override long Seek(long offset, SeekOrigin origin) => file.Seek(offset, origin);

        public override void SetLength(long value) => file.SetLength(value);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                file.Dispose();
            base.Dispose(disposing);
        }
    }
}
