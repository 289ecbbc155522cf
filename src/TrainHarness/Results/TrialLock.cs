using System.Text.Json;
using TrainHarness.Files;

namespace TrainHarness.Results;

/// <summary>
/// Held while a trial runs, so that two processes never write the same results: a file in the trial's folder that says who holds it. A
/// holder of this machine that has died is known at once. One of another machine renews its file from time to time, and is taken for dead
/// when it has not for a while; should it come back, it finds its file gone and writes nothing more.
/// </summary>
public sealed class TrialLock : IDisposable
{
    /// <summary>After this long without renewal a holder on another machine counts as dead.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(15);

    private readonly string file;
    private readonly byte[] content;
    private readonly CancellationTokenSource lost = new();
    private readonly Timer renewal;

    private TrialLock(string file, byte[] content)
    {
        this.file = file;
        this.content = content;
        // It renews for whoever holds the lock, and not in the context of whoever took it.
        using (ExecutionContext.SuppressFlow())
            renewal = new Timer(_ => Renew(), null, Renewal, Renewal);
    }

    /// <summary>Cancelled when another process has taken the trial over.</summary>
    public CancellationToken Lost => lost.Token;

    /// <summary>Who holds a trial; null where nobody that lives does. Changes nothing.</summary>
    public static TrialHolder? HolderOf(string trialFolder) =>
        Found(trialFolder).FirstOrDefault(found => found.Lives(() => DateTime.UtcNow))?.Holder;

    /// <exception cref="ConfigurationException">Another process holds it.</exception>
    public static TrialLock Take(string trialFolder)
    {
        Directory.CreateDirectory(trialFolder);
        var content = JsonSerializer.SerializeToUtf8Bytes(TrialHolder.ThisProcess(), ResultsJson.Options);
        while (true)
        {
            var others = Dead(trialFolder, Found(trialFolder));
            var file = Path.Combine(
                trialFolder,
                FormattableString.Invariant($"attempt-{others.Select(other => other.Number).DefaultIfEmpty().Max() + 1}.lock")
            );
            if (Directory.Exists(file))
                throw new ConfigurationException($"{file}: a folder stands where the lock of the trial is to be; remove it.");
            if (!ExclusiveFile.TryCreate(file, content))
                continue;
            // Two that take it at once with different numbers: at least one of them sees the other here, and gives way.
            try
            {
                others = Dead(trialFolder, [.. Found(trialFolder).Where(found => found.File != file)]);
            }
            catch
            {
                File.Delete(file);
                throw;
            }

            foreach (var other in others)
                File.Delete(other.File);
            // Whoever held it before may have been stopped between its last look at its lock and the renaming of a file: with the file
            // gone it renames nothing, whenever it comes back. What it begins to write from now on comes before a look.
            AtomicFile.RemoveAbandoned(trialFolder);
            return new TrialLock(file, content);
        }
    }

    /// <summary>Passes while this process holds the trial.</summary>
    /// <exception cref="IOException">Another process has taken it over.</exception>
    public void Require()
    {
        if (!IsMine())
            throw new IOException(
                $"{Path.GetDirectoryName(file)}: another process took this trial over, as nothing was heard of this one for "
                    + $"{Lease.TotalMinutes:0} minutes; what it writes stands, and this one stops."
            );
    }

    public void Dispose()
    {
        // A renewal that is running would find its file gone and its source disposed of.
        using var ended = new ManualResetEvent(false);
        if (renewal.Dispose(ended))
            ended.WaitOne();
        if (IsMine())
            File.Delete(file);
        lost.Dispose();
    }

    private bool IsMine()
    {
        try
        {
            return ReadShared(file).AsSpan().SequenceEqual(content);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    // Windows refuses to read what is open for writing, unless the reader allows it.
    private static byte[] ReadShared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Says that the holder lives. A disk that cannot be written leaves the lock as it is, and its lease runs.</summary>
    internal void Renew()
    {
        try
        {
            using var stream = WritableFile.Open(
                file,
                new FileStreamOptions
                {
                    Mode = FileMode.Open,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.ReadWrite | FileShare.Delete,
                }
            );
            var found = new byte[content.Length];
            if (stream.ReadAtLeast(found, found.Length, throwOnEndOfStream: false) == found.Length && found.AsSpan().SequenceEqual(content))
            {
                // Writing it anew has the file's own machine say when, whose clock is the same for all.
                stream.Position = 0;
                stream.Write(content);
                stream.Flush();
                return;
            }

            lost.Cancel();
        }
        catch (FileNotFoundException)
        {
            lost.Cancel();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // The next time may do; until then the lease runs.
        }
    }

    /// <summary>The same locks, none of which is held.</summary>
    /// <exception cref="ConfigurationException">One of them is.</exception>
    private static IReadOnlyList<FoundLock> Dead(string trialFolder, IReadOnlyList<FoundLock> locks) =>
        locks.FirstOrDefault(found => found.Lives(() => TimeAt(trialFolder))) is { } held
            ? throw new ConfigurationException(
                $"{trialFolder}: {held.Holder?.ToString() ?? "another process"} is running this trial; wait for it, or stop it."
            )
            : locks;

    private static List<FoundLock> Found(string trialFolder) =>
        Directory.Exists(trialFolder)
            ? [.. Directory.EnumerateFiles(trialFolder, "attempt-*.lock").Select(FoundLock.Read).OfType<FoundLock>()]
            : [];

    // By the clock of the machine that keeps the files, as the times of the locks are.
    private static DateTime TimeAt(string trialFolder)
    {
        var probe = Path.Combine(trialFolder, $"{Guid.NewGuid():N}.tmp");
        try
        {
            WritableFile.MakeWhole(probe, []);
            var now = File.GetLastWriteTimeUtc(probe);
            // What .NET says of a file that is not there.
            return now.Year > 1601 ? now : DateTime.UtcNow;
        }
        catch (FileNotFoundException)
        {
            // Who has just taken the trial removes what others left half written.
            return DateTime.UtcNow;
        }
        catch (Exception error) when (WriteFailure.Named(probe, error) is { } named)
        {
            throw named;
        }
        finally
        {
            File.Delete(probe);
        }
    }

    /// <param name="Holder">Null where the file cannot be read.</param>
    private sealed record FoundLock(string File, int Number, TrialHolder? Holder, DateTime Renewed)
    {
        private const long LargestBytes = 1 << 16;

        public bool Lives(Func<DateTime> now) => (Holder is { IsHere: true } ? Holder.Lives() : null) ?? now() - Renewed < Lease;

        /// <summary>Null where it was given back meanwhile.</summary>
        public static FoundLock? Read(string file)
        {
            try
            {
                var number = int.TryParse(Path.GetFileNameWithoutExtension(file)["attempt-".Length..], out var parsed) ? parsed : 0;
                // No holder makes a link.
                if (new FileInfo(file).LinkTarget is not null)
                    return new FoundLock(file, number, null, DateTime.MinValue);
                var renewed = System.IO.File.GetLastWriteTimeUtc(file);
                return new FoundLock(
                    file,
                    number,
                    Parse(PlainFile.Length(file) is > 0 and <= LargestBytes ? ReadShared(file) : []),
                    renewed
                );
            }
            catch (FileNotFoundException)
            {
                return null;
            }
        }

        private static TrialHolder? Parse(byte[] content)
        {
            try
            {
                return JsonSerializer.Deserialize<TrialHolder>(content, ResultsJson.Options);
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }
}
