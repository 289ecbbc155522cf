using System.Text;
using TrainHarness.Files;
using TrainHarness.Results;

namespace TrainHarness.Reports.Exports;

/// <summary>One file for another program.</summary>
/// <param name="Name">In the results folder of the study, with '/' between folders.</param>
public sealed record ExportedFile(string Name, byte[] Content)
{
    public static ExportedFile Of(string name, string text) => new(name, Encoding.UTF8.GetBytes(text));

    /// <summary>Each takes the place of the one before it.</summary>
    /// <exception cref="ConfigurationException">A folder on the way is a link; nothing was written.</exception>
    public static void Write(ResultStore store, IReadOnlyList<ExportedFile> files)
    {
        foreach (var file in files)
            RequireOwnFolders(store.Folder, file.Name.Split('/')[..^1]);
        foreach (var file in files)
            AtomicFile.Write(Path.Combine([store.Folder, .. file.Name.Split('/')]), file.Content);
    }

    // A results folder of somebody else may lead elsewhere.
    private static void RequireOwnFolders(string folder, string[] below)
    {
        foreach (var name in below)
        {
            folder = Path.Combine(folder, name);
            if (new DirectoryInfo(folder).LinkTarget is { } elsewhere)
                throw new ConfigurationException($"{folder}: a link to {elsewhere}; allowed: a folder of its own.");
        }
    }
}
