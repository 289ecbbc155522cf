using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Optimizers;

namespace TrainHarness.Training.Workloads;

/// <summary>The network of an entry: of the workload's catalogue, or of the user's own.</summary>
public static class EntryArchitectures
{
    /// <exception cref="ConfigurationException">It is the user's own, and does not compile or is not at hand.</exception>
    public static IArchitecture Architecture(this IWorkload workload, Study study, Entry entry) =>
        study.Sources.FirstOrDefault(source => source.Name == entry.Architecture) is { } own
            ? ((IOwnArchitectures)workload).Own(own)
            : workload.Architecture(entry.Architecture);

    /// <summary>Compiles and counts all that is the user's own.</summary>
    /// <exception cref="ConfigurationException">One does not compile, cannot be counted, or is not at hand.</exception>
    public static void CheckOwn(this IWorkload workload, Study study)
    {
        foreach (var source in study.Sources)
            ((IOwnArchitectures)workload).Check(source, study);
        foreach (var rule in study.AllEntries.Select(entry => entry.Recipe.Optimizer).OfType<OwnRule>().Distinct())
            OwnUpdate.Check(rule);
    }
}
