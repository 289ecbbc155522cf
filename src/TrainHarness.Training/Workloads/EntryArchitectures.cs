using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Optimizers;
using TrainHarness.Training.Sources;

namespace TrainHarness.Training.Workloads;

/// <summary>The network of an entry: of the workload's catalogue, or of the user's own.</summary>
public static class EntryArchitectures
{
    /// <exception cref="ConfigurationException">It is the user's own, and does not compile or is not at hand.</exception>
    public static IArchitecture Architecture(this IWorkload workload, Study study, Entry entry) =>
        study.Sources.FirstOrDefault(source => source.Name == entry.Architecture) is { } own
            ? ((IOwnArchitectures)workload).Own(own)
            : workload.Architecture(entry.Architecture);

    /// <summary>What an exception says where it came out of code of the user's own; null where it did not.</summary>
    internal static ConfigurationException? OwnFailureIn(this Study study, Exception error) =>
        Sources(study).Select(source => OwnFailure.Of(source, error)).FirstOrDefault(failure => failure is not null);

    /// <summary>Compiles and counts all that is the user's own.</summary>
    /// <exception cref="ConfigurationException">One does not compile, cannot be counted, or is not at hand.</exception>
    public static void CheckOwn(this IWorkload workload, Study study)
    {
        foreach (var (source, settings) in study.Sources.SelectMany(source => SettingsOf(study, source)))
            ((IOwnArchitectures)workload).Count(source, study with { Settings = settings });
        foreach (var rule in Rules(study).Distinct())
            OwnUpdate.Check(rule);
    }

    // Entries may see examples of other sizes than the study's.
    private static IEnumerable<(OwnSource, IWorkloadSettings)> SettingsOf(Study study, OwnSource source) =>
        study
            .AllEntries.Where(entry => entry.Architecture == source.Name)
            .Select(study.SettingsFor)
            .Distinct()
            .Select(settings => (source, settings));

    private static IEnumerable<OwnSource> Sources(Study study) => study.Sources.Concat(Rules(study).Select(rule => rule.Source)).Distinct();

    private static IEnumerable<OwnRule> Rules(Study study) => study.AllEntries.Select(entry => entry.Recipe.Optimizer).OfType<OwnRule>();
}
