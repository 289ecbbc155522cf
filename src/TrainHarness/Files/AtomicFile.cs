using System.Text;

namespace TrainHarness.Files;

/// <summary>
/// Writes a file so that a kill at any instant leaves the old one or the new one, whole: to a temporary file, flushed to the disk, read
/// back, and renamed.
/// </summary>
public static class AtomicFile
{
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromHours(1);

    /// <inheritdoc cref="Write(string, Action{Stream}, Func{Stream, bool}, Action)"/>
    public static void Write(string path, string text, Action? beforeRename = null) =>
        Write(path, Encoding.UTF8.GetBytes(text), beforeRename);

    /// <inheritdoc cref="Write(string, Action{Stream}, Func{Stream, bool}, Action)"/>
    public static void Write(string path, byte[] bytes, Action? beforeRename = null) =>
        Write(path, stream => stream.Write(bytes), stream => Holds(stream, bytes), beforeRename ?? (() => { }));

    /// <param name="isWhole">Reads the temporary file back and says whether it holds what was written.</param>
    /// <param name="beforeRename">The last word: what it throws leaves the old file as it is.</param>
    /// <exception cref="IOException">The file cannot be written, such as on a full disk; the old one is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is read-only.</exception>
    public static void Write(string path, Action<Stream> write, Func<Stream, bool> isWhole, Action beforeRename)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(folder);
            WriteTemporary(temporary, write);
            using (var written = File.OpenRead(temporary))
            {
                if (!isWhole(written))
                    throw WriteFailure.NotHeld(path);
            }

            beforeRename();
            File.Move(temporary, path, overwrite: true);
            DiskFlush.OfFolder(folder);
        }
        catch (Exception error)
        {
            Remove(temporary);
            if (WriteFailure.Named(path, error) is { } named)
                throw named;
            throw;
        }
    }

    /// <summary>Deletes what a killed process left half written in a folder that nobody else writes to now.</summary>
    public static void RemoveAbandoned(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*.tmp"))
            Remove(file);
    }

    /// <summary>Likewise in a folder that others may write to: what nobody has touched for an hour.</summary>
    public static void RemoveAbandonedLongAgo(string folder)
    {
        if (!Directory.Exists(folder))
            return;
        foreach (var file in Directory.EnumerateFiles(folder, "*.tmp"))
        {
            if (DateTime.UtcNow - File.GetLastWriteTimeUtc(file) > AbandonedAfter)
                Remove(file);
        }
    }

    private static void WriteTemporary(string temporary, Action<Stream> write)
    {
        using var stream = WritableFile.Open(temporary, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write });
        write(stream);
        stream.FlushToDisk();
    }

    private static bool Holds(Stream stream, byte[] bytes)
    {
        if (stream.Length != bytes.Length)
            return false;
        var read = new byte[bytes.Length];
        stream.ReadExactly(read);
        return read.AsSpan().SequenceEqual(bytes);
    }

    private static void Remove(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // What went wrong before is what is told; the next attempt deletes it.
        }
    }
}
