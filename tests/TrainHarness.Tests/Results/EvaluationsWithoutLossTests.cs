using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Results.Validation;

namespace TrainHarness.Tests.Results;

/// <summary>A workload that plays games has no loss over validation examples.</summary>
public sealed class EvaluationsWithoutLossTests
{
    private static readonly Evaluation Played = new()
    {
        Step = 3,
        Epoch = 1,
        Examples = 96,
        Ledger = TrainHarness.Compute.ComputeLedger.Empty,
        Seconds = 2,
        Joules = null,
        Loss = null,
        Metrics = new Dictionary<string, double> { ["elo"] = -12.5 },
    };

    [Fact]
    public void A_loss_that_is_not_known_is_an_empty_cell_and_reads_back_as_unknown()
    {
        var read = Assert.Single(EvaluationTable.FromCsv(EvaluationTable.ToCsv([Played], ["elo"])));
        Assert.Equal((null, -12.5), (read.Loss, read.ValueOf("elo")));
        Assert.Throws<KeyNotFoundException>(() => read.ValueOf(Metric.LossName));
    }

    [Fact]
    public void Where_the_loss_is_a_metric_of_the_trial_its_absence_is_told()
    {
        var elo = new Metric
        {
            Name = "elo",
            Better = Better.More,
            Unit = MetricUnit.Number,
        };
        Assert.Null(MetricValues.Problem([Played], [elo]));
        Assert.Equal("evaluation 1 has no loss.", MetricValues.Problem([Played], [elo, Samples.Loss]));
    }
}
