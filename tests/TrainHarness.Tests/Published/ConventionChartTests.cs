using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Published;
using TrainHarness.Results;

namespace TrainHarness.Tests.Published;

public sealed class ConventionChartTests
{
    private static readonly Study Study = Samples.Study with { Seeds = [1], Entries = [Samples.Entry("resnet18", "sgd-smooth6")], Target = new Target("top1", 0.5, FromBaseline: true) };

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
    public void Nobody_else_published_exact_counts() => Assert.All(ConventionChart.Of(Convention.Exact, Summary()).Points, point => Assert.True(point.IsOwn));

    [Fact]
    public void Inference_is_charted_in_multiply_adds_of_an_example()
    {
        var points = ConventionChart.Of(Convention.Forward, Summary()).Points;
        Assert.Equal((20 / 1e9, 5.0), (points.Single(point => point.Name == "resnet18.sgd-smooth6").Compute, points.Single(point => point.Name == "resnet18.sgd-smooth6").Factor!.Value));
        Assert.Equal(4, points.Count(point => !point.IsOwn));
    }

    private static StudySummary Summary()
    {
        double[] curve = [0.1, 0.2, 0.3, 0.35, 0.4, 0.5];
        return StudySummary.Of(Study, 0.5, new Dictionary<string, IReadOnlyList<TrialResult>>
        {
            [Study.Baseline.Name] = [Samples.Trial(Study, Study.Baseline, 1, 100, new(2012, 6, 1), null, curve)],
            [Study.Entries[0].Name] = [Samples.Trial(Study, Study.Entries[0], 1, 20, new(2015, 12, 10), 0.5, curve)],
        });
    }
}
