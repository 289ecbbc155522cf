using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Published;
using TrainHarness.Reports.Charts;
using TrainHarness.Results;

namespace TrainHarness.Tests.Published;

public sealed class ConventionChartTests
{
    private static readonly Study Study = Samples.Study with
    {
        Seeds = [1],
        Entries = [Samples.Entry("resnet18", "sgd-smooth6")],
        Target = new Target(Samples.Top1, 0.5, FromBaseline: true),
    };

    [Fact]
    public void Own_results_stand_with_published_rows_of_the_papers_convention_only()
    {
        var chart = ConventionChart.Of(Convention.Paper, Summary());
        Assert.Equal("teraflop/s-days", chart.Unit);
        Assert.Equal(["alexnet.sgd-step6", "resnet18.sgd-smooth6"], chart.Points.Where(point => point.IsOwn).Select(point => point.Name));
        // 3 · 20 · 6000 operations.
        Assert.Equal(3.6e5, chart.Points.Single(point => point.Name == "resnet18.sgd-smooth6").Compute * 8.64e16, 6);
        var published = chart.Points.Where(point => !point.IsOwn).ToList();
        // The sixteen of AlexNet-level, and ResNet-50 of the next level; EfficientNet-b1 there counts otherwise.
        Assert.Equal((17, 3.1), (published.Count, published[0].Compute));
        Assert.DoesNotContain(published, point => point.Name == "EfficientNet-b1");
    }

    [Fact]
    public void Petaflop_days_become_teraflop_days_where_AI_and_Compute_counts()
    {
        var points = ConventionChart.Of(Convention.AiAndCompute, Summary()).Points;
        Assert.Equal(5.79, points.Single(point => point.Name == "AlexNet").Compute, 9);
        Assert.Equal(465, points.Single(point => point.Name.StartsWith("Seq2Seq (", StringComparison.Ordinal)).Compute);
        Assert.Equal(7.2e5, points.Single(point => point.Name == "resnet18.sgd-smooth6").Compute * 8.64e16, 6);
    }

    [Fact]
    public void Nobody_else_published_exact_counts() =>
        Assert.All(ConventionChart.Of(Convention.Exact, Summary()).Points, point => Assert.True(point.IsOwn));

    [Fact]
    public void Inference_is_charted_in_multiply_adds_of_an_example()
    {
        var points = ConventionChart.Of(Convention.Forward, Summary()).Points;
        Assert.Equal(
            (20 / 1e9, 5.0),
            (
                points.Single(point => point.Name == "resnet18.sgd-smooth6").Compute,
                points.Single(point => point.Name == "resnet18.sgd-smooth6").Factor!.Value
            )
        );
        Assert.Equal(4, points.Count(point => !point.IsOwn));
    }

    [Fact]
    public void A_network_that_missed_the_target_has_no_inference_to_compare()
    {
        var points = ConventionChart.Of(Convention.Forward, Summary(resnet: [0.1, 0.2, 0.3, 0.35, 0.4, 0.45])).Points;
        Assert.Equal(["alexnet.sgd-step6"], points.Where(point => point.IsOwn).Select(point => point.Name));
    }

    [Fact]
    public void Own_and_published_inference_stand_in_one_chart_in_multiply_adds_of_a_forward_pass()
    {
        var chart = PublishedChart.Inference(Summary(), imageSize: 64)!;
        Assert.Equal(["sample", "Inference at AlexNet-level", "Inference at ResNet-50-level"], chart.Series.Select(series => series.Name));
        Assert.Equal(
            [("alexnet.sgd-step6", 100 / 1e9, null), ("resnet18.sgd-smooth6", 20 / 1e9, null)],
            chart.Series[0].Points.Select(point => (point.Label!, point.Y, point.Printed))
        );
        // arXiv:1707.01083, Table 8: AlexNet 720 M multiply-adds; section 4.3: ShuffleNet 0.5x at 40 M.
        Assert.Equal(
            [("AlexNet", 0.72, "0.72"), ("ShuffleNet 0.5x", 0.04, "0.04")],
            chart.Series[1].Points.Select(point => (point.Label!, point.Y, point.Printed!))
        );
        Assert.Equal("inference compute (G multiply-adds per example)", chart.Y.Label);
        Assert.Contains(
            "2 entries of this study, and 2 published (Inference at AlexNet-level)",
            chart.Description,
            StringComparison.Ordinal
        );
        Assert.Contains("Examples of this study are 64 px, the published ones 224 px.", chart.Description, StringComparison.Ordinal);
        Assert.Null(PublishedChart.Inference(Summary(resnet: [0.1], baseline: [0.1]), imageSize: 64));
    }

    private static StudySummary Summary(double[]? resnet = null, double[]? baseline = null)
    {
        double[] curve = [0.1, 0.2, 0.3, 0.35, 0.4, 0.5];
        return StudySummary.Of(
            Study,
            0.5,
            new Dictionary<string, IReadOnlyList<TrialResult>>
            {
                [Study.Baseline.Name] = [Samples.Trial(Study, Study.Baseline, 1, 100, new(2012, 6, 1), null, baseline ?? curve)],
                [Study.Entries[0].Name] = [Samples.Trial(Study, Study.Entries[0], 1, 20, new(2015, 12, 10), 0.5, resnet ?? curve)],
            }
        );
    }
}
