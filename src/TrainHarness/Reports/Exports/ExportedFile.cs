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
            OwnFolders.Require(store.Folder, file.Name.Split('/')[..^1]);
        foreach (var file in files)
            AtomicFile.Write(Path.Combine([store.Folder, .. file.Name.Split('/')]), file.Content);
    }
}
