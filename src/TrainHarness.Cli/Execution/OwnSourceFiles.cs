using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Cli.Execution;

/// <summary>The text of code of the user's own, kept beside what was measured of it. Nothing reads it: it is for people.</summary>
internal static class OwnSourceFiles
{
    /// <summary>Writes <c>sources/NAME.cs.txt</c> for each; a library is known by its checksum alone.</summary>
    public static void Write(ResultStore store, Study study)
    {
        var optimizers = study.AllEntries.Select(entry => entry.Recipe.Optimizer).OfType<OwnRule>().Select(rule => rule.Source);
        foreach (var source in study.Sources.Concat(optimizers).Distinct().Where(source => source.IsSource))
        {
            var file = Path.Combine(store.Folder, "sources", $"{source.Name}.cs.txt");
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            AtomicFile.Write(file, source.Bytes());
        }
    }
}
