using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Training.Data;

/// <summary>Writes one pack: pixels in parallel to their places in a temporary file, the header last, then the rename.</summary>
/// <remarks>Written with positioned writes and not through a mapping: a full disk is then an exception and not the end of the process.</remarks>
internal sealed class PackWriter(PackPlan plan, int allowUnreadable, IProgress<PackProgress>? progress, CancellationToken cancellation)
{
    // Enough to see what is wrong with a source, soon enough not to read all of it first.
    private const int ListedFailures = 20;
    private const int Reports = 200;

    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromDays(1);

    private readonly PackRegions regions = PackFormat.Regions(plan.Header);
    private readonly ExampleContent[] contents = new ExampleContent[plan.Examples.Count];
    private readonly ConcurrentDictionary<int, string> failures = [];
    private int done;

    /// <summary>
    /// On return the pack is at <paramref name="path"/>, unless images that may be left out could not be decoded: the answer is then
    /// their positions, and a pack without them has still to be written. On any exception nothing was left behind.
    /// </summary>
    /// <exception cref="ConfigurationException">Too many images cannot be decoded, or the source cannot be read to its end.</exception>
    public IReadOnlyCollection<int> Write(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        RemoveAbandoned(path);
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            WriteTemporary(temporary);
            if (failures.IsEmpty)
                Publish(temporary, path);
            return [.. failures.Keys];
        }
        catch (Exception error) when (error is not UnauthorizedAccessException && WriteFailure.Named(path, error) is { } named)
        {
            throw named;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static void Publish(string temporary, string path)
    {
        try
        {
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (OperatingSystem.IsWindows() && File.Exists(path) && (e is IOException or UnauthorizedAccessException))
        {
            // Windows does not replace a file that is mapped: another process made the same pack meanwhile and is using it.
        }
    }

    private void WriteTemporary(string temporary)
    {
        using var file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, preallocationSize: regions.FileLength);
        PackFormat.WriteLabels(file, plan.Header, plan.Labels());
        WritePixels(file);
        if (!failures.IsEmpty)
            return;
        var header = plan.Header with { SourceFingerprint = SourceFingerprint() };
        header = header with { PayloadSha256 = PackFormat.PayloadSha256(file, header, progress: null, cancellation) };
        PackFormat.WriteHeader(file, header);
        RandomAccess.FlushToDisk(file);
    }

    private void WritePixels(SafeFileHandle file)
    {
        progress?.Report(new PackProgress(0, plan.Examples.Count));
        // Without buffering a worker takes the next example when it is free for it: as many are in memory as there are workers.
        var pending = Partitioner.Create(plan.Source.Read(plan.Examples), EnumerablePartitionerOptions.NoBuffering);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation };
        try
        {
            Parallel.ForEach(pending, options, () => new byte[regions.ExampleBytes], (example, state, pixels) =>
            {
                WriteExample(file, example, pixels);
                if (failures.Count > allowUnreadable && failures.Count >= ListedFailures)
                    state.Stop();
                return pixels;
            }, _ => { });
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.Flatten().InnerExceptions[0]);
        }

        RequireFewFailures();
    }

    private void WriteExample(SafeFileHandle file, PendingExample example, byte[] pixels)
    {
        try
        {
            contents[example.Index] = example.Render(plan.Header.Side, pixels);
            RandomAccess.Write(file, pixels, regions.PixelsOffset + ((long)example.Index * regions.ExampleBytes));
        }
        catch (UndecodableImageException e)
        {
            string failure = $"{plan.Examples[example.Index].Name} ({e.Message})";
            failures[example.Index] = failure;
            progress?.Report(new PackProgress(done, plan.Examples.Count, Unreadable: failure));
        }

        Report(Interlocked.Increment(ref done));
    }

    private void Report(int finished)
    {
        int total = plan.Examples.Count;
        if (finished == total || finished % Math.Max(1, total / Reports) == 0)
            progress?.Report(new PackProgress(finished, total));
    }

    private void RequireFewFailures()
    {
        if (failures.Count <= allowUnreadable)
            return;
        string listed = string.Join(", ", failures.Values.Order(StringComparer.Ordinal).Take(ListedFailures));
        string more = failures.Count >= ListedFailures ? " and perhaps more" : "";
        throw new ConfigurationException($"{plan.Where}: cannot be decoded: {listed}{more}; allowed: {allowUnreadable} such images ('allowUnreadable' in the dataset file); nothing was packed");
    }

    private string SourceFingerprint()
    {
        using var hash = new ContentHash();
        hash.Add(PackPlan.Canonical(plan.Header.Subset));
        for (int i = 0; i < contents.Length; i++)
            hash.Add(plan.Examples[i].Name).Add(contents[i].Length).Add(contents[i].Sha256);
        return hash.Finish();
    }

    // A killed process leaves its temporary file. A living one holds a lock on it, and does not take a day where locks do not work.
    private static void RemoveAbandoned(string path)
    {
        foreach (string file in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, $"{Path.GetFileName(path)}.*.tmp"))
        {
            try
            {
                if (DateTime.UtcNow - File.GetLastWriteTimeUtc(file) < AbandonedAfter)
                    continue;
                using (File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                {
                }

                File.Delete(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Somebody's, or not ours to delete; it is in nobody's way.
            }
        }
    }
}
