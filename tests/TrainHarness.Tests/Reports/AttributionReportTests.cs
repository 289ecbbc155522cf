using TrainHarness.Analysis;
using TrainHarness.Protocol;
using TrainHarness.Reports;
using TrainHarness.Reports.Charts;
using TrainHarness.Reports.Figures;
using TrainHarness.Results;
using TrainHarness.Tests.Analysis;

namespace TrainHarness.Tests.Reports;

public sealed class AttributionReportTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("trainharness-attribution-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    // The recipe saves two times on AlexNet; the network five times alone, and eight in all.
    [Fact]
    public void The_report_says_what_the_architecture_gave_and_what_the_recipe_gave()
    {
        var text = Ablation().Markdown();
        Assert.Contains("## Where it came from", text, StringComparison.Ordinal);
        // √(5 · 4) and √(2 · 8/5).
        Assert.Contains(
            "From alexnet.sgd-step6 to resnet18.sgd-smooth6 the same level takes 8.00× less compute. Of that factor the architecture gave "
                + "4.47×, 72 % of its logarithm; "
                + "and the recipe gave 1.79×, 28 % of its logarithm.",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains("over all 2 orders, so that the shares depend on none", text, StringComparison.Ordinal);
        Assert.Contains("| network | architecture | 4.47× | 72 % | 4.00× | 5.00× |", text, StringComparison.Ordinal);
        Assert.Contains("| all together |  | 8.00× | 100 % |", text, StringComparison.Ordinal);
        Assert.Contains(
            "product is 10.0×; together they give 8.00×: gains multiply to less than their parts.",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains("| network | schedule | 0.800× | 1 combination |", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_waterfall_climbs_from_one_to_the_whole_and_names_its_bars()
    {
        var chart = WaterfallChart.Of(Ablation().Analysed.Summary.Ablation)!;
        Assert.Equal(["network", "schedule", "the whole"], chart.X.Names!);
        var bars = chart.Series.SelectMany(series => series.Points).OrderBy(point => point.X).ToList();
        Assert.Equal([1, 4.472, 1], bars.Select(bar => Math.Round(bar.From!.Value, 3)));
        Assert.Equal([4.472, 8, 8], bars.Select(bar => Math.Round(bar.Y, 3)));
        Assert.Equal((0.5, 3.5), (AxisRange.Across(chart).Low, AxisRange.Across(chart).High));
        // Drawn as files, and as a table in the page.
        var drawn = DrawnChart.Of(chart);
        Assert.Contains("<svg", drawn.Svg, StringComparison.Ordinal);
        Assert.True(drawn.Png.Length > 1000);
        var page = Ablation().Html([drawn]);
        Assert.Contains(">network</td>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_study_of_scale_reads_those_that_it_names_and_says_which_are_not_there()
    {
        new SyntheticStudy(3, 3, 20) { Name = "small" }.WriteTo(Path.Combine(folder, "small"));
        new SyntheticStudy(3, 3, 40) { Name = "large" }.WriteTo(Path.Combine(folder, "large"));
        File.AppendAllText(Path.Combine(folder, "large", "study.yaml"), "scale:\n  studies: [small, absent]\n");
        var report = StudyReport.Read(new ResultStore(Path.Combine(folder, "large")));
        var scale = report.Analysed.Scale!;
        Assert.Equal((18, "absent"), (scale.Points.Count, Assert.Single(scale.Missing)));
        Assert.Equal(["large", "small"], scale.Studies);
        Assert.Equal("alexnet.sgd-step6", scale.Points[0].Family);
        // Training twice as long gained nothing there, and every trial saw the same 100 images: there is no law.
        Assert.Null(scale.Fit);
        var text = report.Markdown();
        Assert.Contains(
            "## Scale\n\nNo law can be fitted: the fit does not converge. Not there, or of another metric, dataset or protocol: absent.",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains("| large/alexnet.sgd-step6/seed-1 | alexnet.sgd-step6 |", text, StringComparison.Ordinal);
    }

    // Between 375 and 750 images AlexNet's loss falls by a factor of a hundred, and MathNet leaves its way to a minimum.
    [Fact]
    public void The_committed_study_of_scale_has_a_fit_and_says_that_no_law_describes_it()
    {
        var report = StudyReport.Read(new ResultStore(Path.Combine(Repository.Folder, "results", "scale-drawn")));
        Assert.Equal(48, report.Analysed.Scale!.Points.Count);
        Assert.Equal(["alexnet.scale-drawn", "resnet18.scale-drawn"], report.Analysed.Scale.Fit!.Families);
        Assert.Contains("no power law describes these trials", report.Markdown(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_law_stands_in_words_in_tables_and_in_figures_that_are_dashed_outside_what_was_measured()
    {
        var points = ScaleFitTests.Planted(["old", "new"], noise: 0.02, seed: 3);
        var scale = new ScaleSummary(Samples.Top1, points, ["large", "small"], [], ScaleFit.Of(points, 50), null);
        var plain = Ablation().Analysed;
        var text = new StudyReport(plain with { Scale = scale }).Markdown();
        Assert.DoesNotContain("no power law describes", text, StringComparison.Ordinal);
        Assert.Contains(
            "Through 60 trials of large, small goes error = irreducible + A · compute^−a + B · examples^−b, least squares",
            text,
            StringComparison.Ordinal
        );
        Assert.Matches(@"\| new \| [\d.]+× \([\d.]+ to [\d.]+\) \| [\d.]+× \([\d.]+ to [\d.]+\) \|", text);
        Assert.Contains("with new, compute counts as ", text, StringComparison.Ordinal);
        foreach (
            var (chart, size) in ((Chart, Func<ScalePoint, double>)[])
                [(ScaleCharts.Compute(scale)!, point => point.Compute), (ScaleCharts.Data(scale)!, point => point.Examples)]
        )
        {
            var dashed = chart.Series.Where(series => series.Mark == Mark.Dashes).ToList();
            Assert.Equal(["extrapolated, up to 10 times outside what was measured", null], dashed.Select(series => series.Legend));
            var largest = points.Max(size);
            Assert.All(dashed, series => Assert.Equal((largest, 10 * largest), (series.Points[0].X, Math.Round(series.Points[^1].X))));
            Assert.Contains("<svg", DrawnChart.Of(chart).Svg, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_study_that_asks_for_nothing_has_neither_section()
    {
        new SyntheticStudy(2, 3, 20).WriteTo(Path.Combine(folder, "plain"));
        var text = StudyReport.Read(new ResultStore(Path.Combine(folder, "plain"))).Markdown();
        Assert.DoesNotContain("## Where it came from", text, StringComparison.Ordinal);
        Assert.DoesNotContain("## Scale", text, StringComparison.Ordinal);
    }

    /// <summary>All reach the target at the same evaluation, so that costs are as multiply-adds of an example.</summary>
    private static StudyReport Ablation()
    {
        Entry[] entries =
        [
            Samples.Entry("alexnet", "sgd-smooth6"),
            Samples.Entry("resnet18", "sgd-step6"),
            Samples.Entry("resnet18", "sgd-smooth6"),
        ];
        var study = Samples.Study with
        {
            Seeds = [1],
            Entries = entries,
            Target = new Target(Samples.Top1, 0.5, FromBaseline: true),
            Ablation = new AblationRule(
                [new("network", AblationPart.Architecture), new("schedule", AblationPart.Recipe)],
                [new(entries[0].Name, ["schedule"]), new(entries[1].Name, ["network"]), new(entries[2].Name, ["network", "schedule"])]
            ),
        };
        double[] curve = [0.1, 0.2, 0.3, 0.35, 0.4, 0.45, 0.5];
        long[] macs = [100_000, 40_000, 25_000];
        var results = new Dictionary<string, IReadOnlyList<TrialResult>>
        {
            [study.Baseline.Name] = [Samples.Trial(study, study.Baseline, 1, 200_000, new DateOnly(2012, 6, 1), null, curve)],
        };
        foreach (var (entry, each) in entries.Zip(macs))
            results.Add(entry.Name, [Samples.Trial(study, entry, 1, each, new DateOnly(2015, 12, 10), 0.5, curve)]);
        return new StudyReport(new AnalysedStudy(study, StudySummary.Of(study, 0.5, results), results, Scan: null));
    }
}
