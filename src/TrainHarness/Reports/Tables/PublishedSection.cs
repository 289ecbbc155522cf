using TrainHarness.Analysis;

namespace TrainHarness.Reports.Tables;

/// <summary>Where own results stand beside published ones; the charts hold the numbers.</summary>
internal static class PublishedSection
{
    /// <summary>Null where no entry reached the target with every trial.</summary>
    public static ReportSection? Of(StudySummary summary) => summary.Entries.Any(entry => entry.InferenceMacs is not null)
        ? new ReportSection("published", "Beside published results", [
            ReportPart.Of("What others published, only where it counts as these figures do: numbers of different conventions share no chart. Every published row with its source, recomputed beside what was printed: trainharness published.")])
        : null;
}
