using TrainHarness.Analysis;
using TrainHarness.Protocol;
using TrainHarness.Reports.Charts;

namespace TrainHarness.Reports.Sections;

/// <summary>Where own results stand beside published ones; the charts hold the numbers.</summary>
internal static class PublishedSection
{
    /// <summary>Null for other studies than those of images, and where no entry reached the target with every trial.</summary>
    public static IReadOnlyList<ReportPart>? Parts(AnalysedStudy analysed)
    {
        var summary = analysed.Summary;
        if (analysed.Study.Settings is not ImageSettings images || summary.Entries.All(entry => entry.InferenceMacs is null))
            return null;
        return
        [
            ReportPart.Of(
                "What others published, only where it counts as these figures do: numbers of different conventions share no chart. "
                    + "Every published row with its source, recomputed beside what was printed: trainharness published."
            ),
            .. ReportPart.Drawn(PublishedChart.Training(summary), PublishedChart.Inference(summary, images.ImageSize)),
        ];
    }
}
