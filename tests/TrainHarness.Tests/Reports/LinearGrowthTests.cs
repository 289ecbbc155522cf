using TrainHarness.Reports;
using TrainHarness.Reports.Figures;

namespace TrainHarness.Tests.Reports;

/// <summary>
/// What a report costs grows no faster than its records. Counted in bytes that were asked for, which do not depend on what else runs.
/// </summary>
public sealed class LinearGrowthTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Four_times_the_records_ask_for_at_most_four_times_the_memory(bool moreEntries)
    {
        // Once before: what is made once for all reports is in no count.
        _ = Allocated(new SyntheticStudy(5, 5, 20));
        var few = Allocated(new SyntheticStudy(25, 25, 40));
        var many = Allocated(moreEntries ? new SyntheticStudy(100, 25, 40) : new SyntheticStudy(25, 100, 40));
        Assert.InRange(many / few, 1, 4);
    }

    private static double Allocated(SyntheticStudy made)
    {
        var (study, results) = (made.Study, made.Results());
        var before = GC.GetAllocatedBytesForCurrentThread();
        var report = SampleReports.Of(study, results);
        var charts = report.Charts();
        _ = report.Markdown();
        _ = EfficiencyCsv.Of(report.Analysed.Summary, new Dictionary<string, string>());
        _ = report.Html([.. charts.Select(chart => new DrawnChart(chart, "<svg xmlns=\"http://www.w3.org/2000/svg\"/>", []))]);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
