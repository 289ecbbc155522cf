using System.Globalization;
using System.Text.RegularExpressions;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs.Validation;
using TrainHarness.Training.Workloads.ImageClassification.Data.Sources;
using TrainHarness.Training.Workloads.ImageClassification.Data.Synthetic;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

/// <summary>What a study would read of a dataset, before it is packed.</summary>
/// <param name="PackBytes">Length of the pack.</param>
/// <param name="PackIsReady">A pack of exactly this lies in the cache.</param>
/// <param name="Remarks">Lines about how the source is read, and what of it is not.</param>
public sealed record DatasetExtent(
    int Classes,
    int TrainCount,
    int ValidationCount,
    long PackBytes,
    bool PackIsReady,
    IReadOnlyList<string> Remarks
);

/// <summary>From a described dataset to its pack: the one that is in the cache, or a new one.</summary>
public static class DatasetPreparation
{
    private const int LargestSide = 4096;
    private const int StampDigits = 16;

    /// <summary>Folder <c>datasets</c> of <see cref="CacheFolder.Root"/>.</summary>
    public static string DefaultCacheFolder => CacheFolder.Datasets;

    /// <summary>Opens the pack of exactly this source, subset and side, or makes it first.</summary>
    /// <param name="side">Height and width of the packed examples, in pixels.</param>
    /// <param name="path">Folder or archive that replaces the description's; null keeps that.</param>
    /// <param name="verify">Compares a pack that is already there with its checksum, which reads all of it.</param>
    /// <param name="progress">Told how far the packing, or the check, is, and first why a pack that was there is not used.</param>
    /// <exception cref="ConfigurationException">
    /// Source or subset is not as it must be, or an image cannot be decoded; nothing is left behind.
    /// </exception>
    /// <exception cref="IOException">The cache folder cannot be written, or the disk is full.</exception>
    public static DatasetPack OpenOrCreate(
        DatasetDescription description,
        Subset subset,
        int side,
        string? path,
        string cacheFolder,
        bool verify,
        IProgress<PreparationProgress>? progress,
        CancellationToken cancellation
    )
    {
        var (source, where) = Open(description, subset, side, path, cacheFolder);
        var stamp = PackPlan.Stamp(source, description.Name, subset, side);
        var name = FileName(description.Name, side, stamp);
        var pack = Path.Combine(cacheFolder, name);
        if (verify && description.Expected is not null)
            source.List();
        var existing = TryOpen(pack, progress, out var rejection)
            ?? (FormerFolder(cacheFolder) is { } former ? TryOpen(Path.Combine(former, name), progress, out _) : null);
        if (existing is { Header.PassedOver: not null })
        {
            // Of a folder a file may have come since that is not read; the pack is the same.
            if (source.IsListed)
                existing.Describe(source);
            return existing;
        }

        var plan = PackPlan.For(source, description.Name, where, subset, side);
        if (existing is not null && HoldsAll(existing.Header, plan.Header))
        {
            existing.Describe(source);
            return existing;
        }

        existing?.Dispose();
        CacheFolder.RequireWritable(cacheFolder);
        rejection ??= existing is null
            ? null
            : $"{pack} is packed again: an older version made it, which did not read all that this one reads";
        if (rejection is not null)
            progress?.Report(new PreparationProgress(0, plan.Examples.Count, rejection));
        var unreadable = new PackWriter(plan, description.AllowUnreadable, progress, cancellation).Write(pack);
        if (unreadable.Count > 0)
            new PackWriter(plan.Without(unreadable), allowUnreadable: 0, progress, cancellation).Write(pack);
        return DatasetPack.Open(pack, stamp, verify: false, progress: null, cancellation);

        DatasetPack? TryOpen(string file, IProgress<PreparationProgress>? told, out string? why) =>
            DatasetPack.TryOpen(file, stamp, description.AllowUnreadable, verify, told, cancellation, out why);
    }

    /// <summary>How much a pack would hold. Reads names, not images; a compressed archive is read through for them.</summary>
    /// <exception cref="ConfigurationException">Source or subset is not as it must be.</exception>
    public static DatasetExtent Measure(DatasetDescription description, Subset subset, int side, string? path, string cacheFolder)
    {
        var (source, where) = Open(description, subset, side, path, cacheFolder);
        var header = PackPlan.For(source, description.Name, where, subset, side).Header;
        var name = FileName(description.Name, side, header.SourceStamp);
        using var ready = TryOpen(cacheFolder) ?? (FormerFolder(cacheFolder) is { } former ? TryOpen(former) : null);
        // A pack that is there is right; a plan does not know yet which images cannot be decoded.
        var known = ready?.Header ?? header;
        var remarks = PassedOver.Words(source.PassedOver) is { } passedOver ? [.. source.Remarks, passedOver] : source.Remarks;
        return new DatasetExtent(
            known.ClassNames.Count,
            known.TrainCount,
            known.ValidationCount,
            PackFormat.Regions(known).FileLength,
            ready is not null,
            remarks
        );

        DatasetPack? TryOpen(string folder) =>
            DatasetPack.TryOpen(
                Path.Combine(folder, name),
                header.SourceStamp,
                description.AllowUnreadable,
                verify: false,
                progress: null,
                CancellationToken.None,
                out _
            );
    }

    /// <summary>
    /// Every pack of a dataset in the cache, read whole and compared with its checksum, and with the source where that is there.
    /// </summary>
    /// <param name="path">Folder or archive that replaces the description's; null keeps that.</param>
    public static IReadOnlyList<PackCheck> Verify(
        DatasetDescription description,
        string? path,
        string cacheFolder,
        CancellationToken cancellation
    )
    {
        var place = PlaceOf(description, path, cacheFolder);
        var source =
            place is not null || description.Kind == DatasetKind.Synthetic
                ? Open(description, Subset.Everything, 1, path, cacheFolder).Source
                : null;
        string?[] folders = [cacheFolder, FormerFolder(cacheFolder)];
        return
        [
            .. folders
                .Where(Directory.Exists)
                .SelectMany(folder => Directory.EnumerateFiles(folder!, "*.pack").Order(StringComparer.Ordinal))
                .Where(file => Regex.IsMatch(Path.GetFileName(file), $"^{Regex.Escape(Plain(description.Name))}-[0-9]+-[0-9a-f]+[.]pack$"))
                .Select(file => PackCheck.Of(file, description.Name, source, cancellation)),
        ];
    }

    /// <summary>
    /// Everything that can be refused before anything is written. Reads names, not images; a compressed archive is read through for them.
    /// </summary>
    /// <returns>How many classes the subset has.</returns>
    /// <exception cref="ConfigurationException">Source or subset is not as it must be.</exception>
    public static int Check(DatasetDescription description, Subset subset, string? path)
    {
        var (source, where) = Open(description, subset, side: 1, path, DefaultCacheFolder);
        return SubsetSelection.Classes(subset, source.List(), where).Count;
    }

    /// <summary>
    /// Where the dataset lies: what was asked for, what its file says, or its download; null where none of them is there.
    /// </summary>
    public static string? PlaceOf(DatasetDescription description, string? path, string cacheFolder) =>
        path ?? description.Path ?? (description.Download is { } download ? Downloaded(download, cacheFolder) : null);

    private static string? Downloaded(DownloadDescription download, string cacheFolder) =>
        DatasetDownload.FindFile(download, cacheFolder)
        ?? (FormerFolder(cacheFolder) is { } former ? DatasetDownload.FindFile(download, former) : null);

    // What lies in a cache of before XDG_CACHE_HOME was set is read there; what is new goes to the new one.
    private static string? FormerFolder(string cacheFolder) =>
        CacheFolder.Former is { } root && cacheFolder == DefaultCacheFolder ? Path.Combine(root, "datasets") : null;

    // An older version may have passed over what is read now: images in folders of a class, or of other extensions.
    private static bool HoldsAll(DatasetPackHeader old, DatasetPackHeader planned) =>
        old.TrainCount + old.ValidationCount + old.Unreadable.Count == planned.TrainCount + planned.ValidationCount
        && old.ClassNames.SequenceEqual(planned.ClassNames, StringComparer.Ordinal);

    private static (IExampleSource Source, string Where) Open(
        DatasetDescription description,
        Subset subset,
        int side,
        string? path,
        string cacheFolder
    )
    {
        if (side is < 1 or > LargestSide)
            throw new ConfigurationException(
                string.Create(CultureInfo.InvariantCulture, $"{description.Name}: a side of {side} pixels; allowed: 1 to {LargestSide}")
            );
        var place = PlaceOf(description, path, cacheFolder);
        var where = place ?? description.Name;
        SubsetSelection.Check(subset, where);
        var source = description.Kind switch
        {
            DatasetKind.Synthetic => Synthetic(description, place),
            DatasetKind.ImageFolder or DatasetKind.ImageTar => Images(Required(description, place)),
            _ => throw new NotSupportedException($"No reader for datasets of kind {description.Kind}."),
        };
        if (description.Classes is { } classes)
            source = new ClassSelection(source, classes, where);
        return (description.Expected is { } expected ? new ExpectedExamples(source, expected, description.Name, where) : source, where);
    }

    // What lies there decides: an archive and the folder that it unpacks to are the same dataset.
    private static IExampleSource Images(string path)
    {
        if (ParquetShards.IsAt(path))
            return new ParquetShards(path);
        return Cifar.IsAt(path) ? new Cifar(path) : ImageSources.Open(path);
    }

    private static SyntheticShapes Synthetic(DatasetDescription description, string? place)
    {
        if (place is not null)
            throw new ConfigurationException($"{description.Name}: is drawn and does not lie at {place}; allowed: no path");
        return new SyntheticShapes(
            description.Name,
            description.Synthetic
                ?? throw new ConfigurationException(
                    $"{description.Name}: does not say what to draw; allowed: seed, classes and examples per class"
                )
        );
    }

    private static string Required(DatasetDescription description, string? place)
    {
        var download = description.Download is { } known
            ? string.Create(
                CultureInfo.InvariantCulture,
                $", or first: trainharness datasets prepare {description.Name} (downloads {known.Bytes / 1e6:0} MB)"
            )
            : "";
        return place
            ?? throw new ConfigurationException(
                $"{description.Name}: nothing says where the dataset lies; allowed: a path in its description or --data PATH{download}"
            );
    }

    private static string FileName(string name, int side, string stamp) =>
        string.Create(CultureInfo.InvariantCulture, $"{Plain(name)}-{side}-{stamp[..StampDigits]}.pack");

    private static string Plain(string name) =>
        string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-'));
}
