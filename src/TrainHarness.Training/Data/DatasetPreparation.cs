using System.Globalization;
using TrainHarness.Protocol;

namespace TrainHarness.Training.Data;

/// <summary>From a described dataset to its pack: the one that is in the cache, or a new one.</summary>
public static class DatasetPreparation
{
    private const int LargestSide = 4096;
    private const int StampDigits = 16;

    /// <summary>Folder <c>datasets</c> of <see cref="CacheFolder.Root"/>.</summary>
    public static string DefaultCacheFolder => Path.Combine(CacheFolder.Root, "datasets");

    /// <summary>Opens the pack of exactly this source, subset and side, or makes it first.</summary>
    /// <param name="side">Height and width of the packed examples, in pixels.</param>
    /// <param name="path">Folder or archive that replaces the description's; null keeps that.</param>
    /// <param name="verify">Compares a pack that is already there with its checksum, which reads all of it.</param>
    /// <param name="progress">Told how far the packing is, and first why a pack that was there is not used.</param>
    /// <exception cref="ConfigurationException">Source or subset is not as it must be, or an image cannot be decoded; nothing is left behind.</exception>
    /// <exception cref="IOException">The cache folder cannot be written, or the disk is full.</exception>
    public static DatasetPack OpenOrCreate(DatasetDescription description, Subset subset, int side, string? path, string cacheFolder, bool verify, IProgress<PackProgress>? progress, CancellationToken cancellation)
    {
        if (side is < 1 or > LargestSide)
            throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture, $"{description.Name}: a side of {side} pixels; allowed: 1 to {LargestSide}"));
        var (source, where) = Open(description, subset, path);
        string stamp = PackPlan.Stamp(source, description.Name, subset, side);
        string pack = Path.Combine(cacheFolder, FileName(description.Name, side, stamp));
        if (DatasetPack.TryOpen(pack, stamp, verify, cancellation, out string? rejection) is { } existing)
            return existing;
        var plan = PackPlan.For(source, description.Name, where, subset, side);
        if (rejection is not null)
            progress?.Report(new PackProgress(0, plan.Examples.Count, rejection));
        new PackWriter(plan, progress, cancellation).Write(pack);
        return DatasetPack.Open(pack, stamp, verify: false, cancellation);
    }

    /// <summary>Everything that can be refused before anything is written. Reads names, not images; a compressed archive is read through for them.</summary>
    /// <exception cref="ConfigurationException">Source or subset is not as it must be.</exception>
    public static void Check(DatasetDescription description, Subset subset, string? path)
    {
        var (source, where) = Open(description, subset, path);
        SubsetSelection.Classes(subset, source.List(), where);
    }

    private static (IExampleSource Source, string Where) Open(DatasetDescription description, Subset subset, string? path)
    {
        string? place = path ?? description.Path;
        string where = place ?? description.Name;
        SubsetSelection.Check(subset, where);
        IExampleSource source = description.Kind switch
        {
            DatasetKind.Synthetic => Synthetic(description, place),
            DatasetKind.ImageFolder or DatasetKind.ImageTar => Images(description.Kind, Required(description, place)),
            _ => throw new NotSupportedException($"No reader for datasets of kind {description.Kind}."),
        };
        return (source, where);
    }

    // An archive and the folder that it unpacks to are the same dataset: what lies there decides, and the kind only what is missed.
    private static IExampleSource Images(DatasetKind kind, string path) =>
        Directory.Exists(path) || (kind == DatasetKind.ImageFolder && !File.Exists(path)) ? new ImageFolder(path) : new ImageTar(path);

    private static SyntheticShapes Synthetic(DatasetDescription description, string? place)
    {
        if (place is not null)
            throw new ConfigurationException($"{description.Name}: is drawn and does not lie at {place}; allowed: no path");
        return new SyntheticShapes(description.Name, description.Synthetic
            ?? throw new ConfigurationException($"{description.Name}: does not say what to draw; allowed: seed, classes and examples per class"));
    }

    private static string Required(DatasetDescription description, string? place) =>
        place ?? throw new ConfigurationException($"{description.Name}: nothing says where the dataset lies; allowed: a path in its description or --data PATH");

    private static string FileName(string name, int side, string stamp)
    {
        string plain = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-'));
        return string.Create(CultureInfo.InvariantCulture, $"{plain}-{side}-{stamp[..StampDigits]}.pack");
    }
}
