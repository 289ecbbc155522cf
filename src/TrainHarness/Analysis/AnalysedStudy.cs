using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Analysis;

/// <summary>A study with its records and what follows from them: all that a report shows.</summary>
/// <param name="Results">The finished trials, by the name of their entry.</param>
/// <param name="Scan">What the scan of the study's learning rates found, where its results lie beside; null where they do not.</param>
public sealed record AnalysedStudy(
    Study Study,
    StudySummary Summary,
    IReadOnlyDictionary<string, IReadOnlyList<TrialResult>> Results,
    ScanSummary? Scan
)
{
    /// <summary>How error falls with compute and data, over this study and those that it names; null where it does not ask.</summary>
    public ScaleSummary? Scale { get; init; }

    /// <summary>Trials that other programs ran, beside its own; empty where none were imported.</summary>
    public IReadOnlyList<ImportedSummary> Imported { get; init; } = [];

    /// <summary>All finished trials, entry by entry.</summary>
    public IEnumerable<TrialResult> Trials() => Study.AllEntries.SelectMany(entry => Results[entry.Name]);
}
