using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;

namespace TrainHarness.Cli.Commands;

/// <summary>Names that a shell completes.</summary>
internal static class Completions
{
    public static IEnumerable<string> Studies() => ConfigurationFolders.WithoutStudy().NamesOf("studies");

    /// <summary>Names of what a list of the program shows.</summary>
    /// <param name="kind">recipes, datasets or architectures.</param>
    public static IEnumerable<string> Listed(string kind) =>
        kind == "architectures"
            ? WorkloadCatalog.Shipped.Architectures.Select(row => row.Architecture.Name)
            : ConfigurationFolders.WithoutStudy().NamesOf(kind);

    public static IEnumerable<string> Architectures() => ArchitectureCatalog.All.Select(architecture => architecture.Name);

    /// <summary>Studies whose results lie in the folder of results.</summary>
    public static IEnumerable<string> Results() =>
        Directory.Exists(CommonOptions.ResultsFolder)
            ? Directory
                .EnumerateDirectories(CommonOptions.ResultsFolder)
                .Select(folder => Path.GetFileName(folder))
                .Order(StringComparer.Ordinal)
            : [];

    /// <summary>Trials of a study; none where it cannot be read.</summary>
    public static IEnumerable<string> Trials(string? study)
    {
        try
        {
            return study is null
                ? []
                : StudyReader.Read(StudyFile.Find(study), WorkloadCatalog.Shipped.Vocabularies).Trials.Select(trial => trial.Id);
        }
        catch (ConfigurationException)
        {
            return [];
        }
    }
}
