using TrainHarness.Analysis;
using TrainHarness.Reports.Charts;

namespace TrainHarness.Reports.Sections;

/// <summary>Where own results stand beside published ones; the charts hold the numbers.</summary>
internal static class PublishedSection
{
    /// <summary>Null where no entry reached the target with every trial.</summary>
    /// <param name="imageSize">Side in pixels of the study's examples.</param>
    public static IReadOnlyList<ReportPart>? Parts(StudySummary summary, int imageSize) => summary.Entries.Any(entry => entry.InferenceMacs is not null)
        ?
        [
            ReportPart.Of("What others published, only where it counts as these figures do: numbers of different conventions share no chart. "
                + "Every published row with its source, recomputed beside what was printed: trainharness published."),
            .. ReportPart.Drawn(PublishedChart.Training(summary), PublishedChart.Inference(summary, imageSize)),
        ]
        : null;
}
