using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using TrainHarness.Files;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

/// <summary>
/// Writes one pack: examples rendered in parallel to their places in a temporary file, the header last, read back, then the rename.
/// </summary>
/// <remarks>Written through a stream and not through a mapping: a full disk is then an exception and not the end of the process.</remarks>
internal sealed class PackWriter(
    PackPlan plan,
    int allowUnreadable,
    IProgress<PreparationProgress>? progress,
    CancellationToken cancellation
)
{
    // Enough to see what is wrong with a source, soon enough not to read all of it first.
    private const int ListedFailures = 20;
    private const int Reports = 200;

    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromDays(1);

    private readonly PackRegions regions = PackFormat.Regions(plan.Header);
    private readonly ExampleContent[] contents = new ExampleContent[plan.Examples.Count];
    private readonly ulong[] sums = new ulong[plan.Examples.Count];
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
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var file = Create(temporary, path))
                WriteTemporary(file, temporary, path);
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

    private Stream Create(string temporary, string path)
    {
        try
        {
            return WritableFile.Open(
                temporary,
                new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    // Network file systems give the lock that keeps others off to those only who may read too.
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.Read,
                    BufferSize = 0,
                    PreallocationSize = regions.FileLength,
                }
            );
        }
        catch (IOException error) when (new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace < regions.FileLength)
        {
            // A disk without room for the whole file is an error without a number.
            throw WriteFailure.DiskFull(path, error);
        }
        catch (UnauthorizedAccessException error)
        {
            // Named here: later it is an image of the source that may not be read.
            throw WriteFailure.Named(path, error)!;
        }
    }

    private void WriteTemporary(Stream file, string temporary, string path)
    {
        PackFormat.WriteLabels(file, plan.Header, plan.Labels());
        WritePixels(file);
        if (!failures.IsEmpty)
            return;
        using var written = File.OpenHandle(temporary, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var header = plan.Header with { SourceFingerprint = SourceFingerprint() };
        try
        {
            // The checksum is of what the disk holds, and would be right for a pack of which a part was lost on the way there.
            header = header with
            {
                PayloadSha256 = PackFormat.PayloadSha256(
                    written,
                    header,
                    (example, pixels) => Require(Sum(pixels) == sums[example]),
                    progress,
                    cancellation
                ),
            };
            PackFormat.WriteHeader(file, header);
            file.FlushToDisk();
            Require(
                PackFormat.ReadHeader(written).PayloadSha256 == header.PayloadSha256
                    && PackFormat.ReadLabels(written, header).AsSpan().SequenceEqual(plan.Labels())
            );
        }
        catch (Exception error) when (error is InvalidDataException or OtherPackVersionException)
        {
            throw WriteFailure.NotHeld(path, error);
        }
    }

    private static void Require(bool holds)
    {
        if (!holds)
            throw new InvalidDataException("it is not what was written");
    }

    private static ulong Sum(ReadOnlySpan<byte> pixels) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(pixels));

    private void WritePixels(Stream file)
    {
        progress?.Report(new PreparationProgress(0, plan.Examples.Count));
        // Without buffering a worker takes the next example when it is free for it: as many are in memory as there are workers.
        var pending = Partitioner.Create(plan.Source.Read(plan.Examples), EnumerablePartitionerOptions.NoBuffering);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation };
        try
        {
            Parallel.ForEach(
                pending,
                options,
                () => new byte[regions.ExampleBytes],
                (example, state, pixels) =>
                {
                    WriteExample(file, example, pixels);
                    if (failures.Count > allowUnreadable && failures.Count >= ListedFailures)
                        state.Stop();
                    return pixels;
                },
                _ => { }
            );
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.Flatten().InnerExceptions[0]);
        }

        RequireFewFailures();
    }

    private void WriteExample(Stream file, PendingExample example, byte[] pixels)
    {
        try
        {
            contents[example.Index] = Rendered(example, pixels);
            sums[example.Index] = Sum(pixels);
            lock (file)
                PackFormat.WritePixels(file, regions, example.Index, pixels);
        }
        catch (UndecodableImageException e)
        {
            var failure = $"{plan.Examples[example.Index].Name} ({e.Message})";
            failures[example.Index] = failure;
            progress?.Report(new PreparationProgress(done, plan.Examples.Count, Unreadable: failure));
        }

        Report(Interlocked.Increment(ref done));
    }

    private ExampleContent Rendered(PendingExample example, byte[] pixels)
    {
        var name = plan.Examples[example.Index].Name;
        try
        {
            return example.Render(plan.Header.Side, pixels);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{plan.Where}: {name} cannot be read: {e.Message}; nothing was packed", e);
        }
        catch (OutOfMemoryException e)
        {
            // No failure of the image, which another machine may well decode: nothing is left out for it.
            throw new InsufficientMemoryException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{plan.Where}: {name} takes more memory than there is, with {Environment.ProcessorCount} images at a time; "
                        + $"nothing was packed"
                ),
                e
            );
        }
    }

    private void Report(int finished)
    {
        var total = plan.Examples.Count;
        if (finished == total || finished % Math.Max(1, total / Reports) == 0)
            progress?.Report(new PreparationProgress(finished, total));
    }

    private void RequireFewFailures()
    {
        if (failures.Count <= allowUnreadable)
            return;
        var listed = string.Join(", ", failures.Values.Order(StringComparer.Ordinal).Take(ListedFailures));
        var more = failures.Count >= ListedFailures ? " and perhaps more" : "";
        throw new ConfigurationException(
            $"{plan.Where}: cannot be decoded: {listed}{more}; allowed: {allowUnreadable} such images ('allowUnreadable' in the "
                + $"dataset file); nothing was packed"
        );
    }

    private string SourceFingerprint()
    {
        using var hash = new ContentHash();
        hash.Add(PackPlan.Canonical(plan.Header.Subset));
        for (var i = 0; i < contents.Length; i++)
            hash.Add(plan.Examples[i].Name).Add(contents[i].Length).Add(contents[i].Sha256);
        return hash.Finish();
    }

    // A killed process leaves its temporary file. A living one holds a lock on it, and does not take a day where locks do not work.
    private static void RemoveAbandoned(string path)
    {
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, $"{Path.GetFileName(path)}.*.tmp"))
        {
            try
            {
                if (DateTime.UtcNow - File.GetLastWriteTimeUtc(file) < AbandonedAfter)
                    continue;
                using (File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None)) { }

                File.Delete(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Somebody's, or not ours to delete; it is in nobody's way.
            }
        }
    }
}
