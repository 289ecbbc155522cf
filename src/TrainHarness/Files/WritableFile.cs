namespace TrainHarness.Files;

/// <summary>Opens every file that this project writes, but for the logs.</summary>
public static class WritableFile
{
    /// <summary>Opens a file in place of <see cref="Open"/>. Tests put a disk there that is full or broken; null is the real one.</summary>
    internal static AsyncLocal<Func<string, FileStreamOptions, Stream>?> Disk { get; } = new();

    /// <exception cref="IOException">The file cannot be made or opened.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write it.</exception>
    public static Stream Open(string path, FileStreamOptions options) => Disk.Value?.Invoke(path, options) ?? new FileStream(path, options);

    /// <summary>On return all that was written is on the disk, and not in the memory of the system only.</summary>
    public static void FlushToDisk(this Stream stream)
    {
        stream.Flush();
        if (stream is FileStream file)
            file.Flush(flushToDisk: true);
    }

    /// <summary>Makes a file that holds these bytes, and reads it back. On any exception nothing is left of it.</summary>
    /// <exception cref="IOException">It is there already, cannot be written, or does not hold what was written to it.</exception>
    public static void MakeWhole(string path, byte[] content) => Make(path).Fill(path, content);

    /// <exception cref="IOException">It is there already, or cannot be made.</exception>
    internal static Stream Make(string path) => Open(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write });

    /// <summary>Writes a file that was just made, closes it and reads it back. On any exception nothing is left of it.</summary>
    internal static void Fill(this Stream stream, string path, byte[] content)
    {
        try
        {
            using (stream)
            {
                stream.Write(content);
                stream.Flush();
            }

            if (!File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
                throw WriteFailure.NotHeld(path);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }
}
