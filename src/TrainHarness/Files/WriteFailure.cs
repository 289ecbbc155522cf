namespace TrainHarness.Files;

/// <summary>Says in one line why a file could not be written, and what to do.</summary>
public static class WriteFailure
{
    // errno of Linux; Windows has its own number for a full disk.
    private const int ReadOnlyFileSystem = 30;
    private static readonly int[] FullNumbers = [28, 122, unchecked((int)0x80070070), unchecked((int)0x80070027)];

    /// <summary>The same exception with a plainer message; null where there is nothing to add.</summary>
    public static Exception? Named(string path, Exception error) =>
        error switch
        {
            IOException when FullNumbers.Contains(error.HResult) => DiskFull(path, error),
            IOException when error.HResult == ReadOnlyFileSystem => new IOException(ReadOnly(path), error),
            // What .NET makes of EFBIG.
            ArgumentOutOfRangeException { ParamName: "value" } => new IOException(
                $"{path}: larger than the file system, or a limit such as ulimit -f, allows.",
                error
            ),
            UnauthorizedAccessException => new UnauthorizedAccessException(ReadOnly(path), error),
            _ => null,
        };

    public static IOException DiskFull(string path, Exception cause) =>
        new($"{path}: the disk is full; make room and run the same command again.", cause);

    /// <summary>For a file that was read back.</summary>
    public static IOException NotHeld(string path, Exception? cause = null) =>
        new($"{path}: the disk does not hold what was written to it; look at the disk, and run the same command again.", cause);

    private static string ReadOnly(string path) => $"{path}: cannot be written; the folder is read-only, or belongs to somebody else.";
}
