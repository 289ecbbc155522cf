using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Cli.Commands;

/// <summary>Folders and files that a user names, and that must be there before anything is done with them.</summary>
internal static class NamedPlace
{
    /// <summary>The value of <c>--data</c>, for what is there; null stays null.</summary>
    /// <exception cref="ConfigurationException">Nothing lies there.</exception>
    public static string? Data(string? path) =>
        path is null || File.Exists(path) || Directory.Exists(path)
            ? path
            : throw new ConfigurationException($"--data: {path} does not exist; allowed: a file or folder that is there.");

    /// <summary>The results folder of a study: by its path, or by the name that it has in <c>results</c>.</summary>
    /// <exception cref="ConfigurationException">There is neither.</exception>
    public static string Results(string folder)
    {
        if (Directory.Exists(folder))
            return folder;
        if (File.Exists(folder))
            throw new ConfigurationException($"{folder}: is a file; allowed: a folder of a study, for example results/quickstart.");
        var isName = folder.Length > 0 && Path.GetFileName(folder) == folder;
        if (isName && Directory.Exists(Path.Combine(CommonOptions.ResultsFolder, folder)))
            return Path.Combine(CommonOptions.ResultsFolder, folder);
        var known = Directory.Exists(CommonOptions.ResultsFolder)
            ? Directory
                .EnumerateDirectories(CommonOptions.ResultsFolder)
                .Select(path => Path.GetFileName(path))
                .Order(StringComparer.Ordinal)
                .ToList()
            : [];
        throw new ConfigurationException(
            isName && known.Count > 0
                ? $"{folder}: no such folder, here or in {CommonOptions.ResultsFolder}; {NearNames.Allowed(folder, known)}"
                : $"{folder}: no such folder; allowed: a folder of a study, for example results/quickstart."
        );
    }
}
