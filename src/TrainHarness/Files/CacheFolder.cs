namespace TrainHarness.Files;

/// <summary>This user's folder for what can be made again: packed datasets, downloads and the cured native library.</summary>
public static class CacheFolder
{
    public const string Variable = "TRAINHARNESS_CACHE";

    private const string XdgVariable = "XDG_CACHE_HOME";
    private const string Name = "TrainHarness";

    // errno of Linux.
    private const int ReadOnlyFileSystem = 30;

    /// <summary>
    /// What TRAINHARNESS_CACHE names, or else folder TrainHarness of XDG_CACHE_HOME, or else one of this user's application data
    /// (<c>~/.local/share/TrainHarness</c>, XDG_DATA_HOME, <c>%LOCALAPPDATA%\TrainHarness</c>).
    /// </summary>
    /// <exception cref="ConfigurationException">The user has no such folder.</exception>
    public static string Root =>
        Named
        ?? InXdgCache
        ?? InApplicationData
        ?? throw new ConfigurationException(
            $"There is no cache folder, because this user has no home folder; allowed: name one in {Variable}."
        );

    /// <summary>Of stored datasets.</summary>
    public static string Datasets => Path.Combine(Root, "datasets");

    /// <summary>
    /// Where the cache lay before XDG_CACHE_HOME was set, where something lies there; what is packed there is still read. Null otherwise.
    /// </summary>
    public static string? Former =>
        Named is null && InXdgCache is { } now && InApplicationData is { } before && now != before && Directory.Exists(before)
            ? before
            : null;

    /// <summary>Makes a folder of the cache where there is none yet.</summary>
    /// <exception cref="ConfigurationException">It cannot be made, or this user may not write there.</exception>
    public static void RequireWritable(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var probe = Path.Combine(folder, $".trainharness-{Guid.NewGuid():N}.tmp");
            new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception error)
            when (error is UnauthorizedAccessException
                || (error is IOException && (error.HResult == ReadOnlyFileSystem || !Directory.Exists(folder)))
            )
        {
            throw new ConfigurationException(
                $"{folder}: the cache cannot be written there ({error.Message}); allowed: a folder of your own, named in {Variable}.",
                error
            );
        }
    }

    private static string? Named => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? Path.GetFullPath(named) : null;

    // The specification has a relative path ignored.
    private static string? InXdgCache =>
        Environment.GetEnvironmentVariable(XdgVariable) is { Length: > 0 } named && Path.IsPathFullyQualified(named)
            ? Path.Combine(named, Name)
            : null;

    private static string? InApplicationData =>
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify)
            is { Length: > 0 } data
            ? Path.Combine(data, Name)
            : null;
}
