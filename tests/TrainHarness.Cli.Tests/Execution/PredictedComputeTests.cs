using TrainHarness.Cli.Execution;
using TrainHarness.Cli.Tests.Clusters;
using TrainHarness.Cli.Tests.Workloads;
using TrainHarness.Protocol;
using TrainHarness.Training;
using TrainHarness.Training.Native;

namespace TrainHarness.Cli.Tests.Execution;

// torch has one generator.
[Collection("torch")]
public sealed class PredictedComputeTests : IDisposable
{
    private readonly WorkFolder folder = new();
    private readonly Parity parity = new();

    public PredictedComputeTests()
    {
        folder.Write("configs/recipes/small.yaml", ParityTests.Recipe);
        folder.Write("configs/studies/parity.yaml", ClusterStudy.FromBaseline);
        TorchLibrary.Load();
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_a_schedule_computes_is_foreseen_from_two_examples()
    {
        var study = Study();
        var extent = parity.Data(study, null, folder["cache"]).Measure();
        // By hand, for each of 4800 rows: 4 bits into the units, the units into 2 answers, both products again for the weights, and the
        // second for its input.
        Assert.Equal(4800 * ((2 * ((4 * 64) + (64 * 2))) + (64 * 2)), PredictedCompute.Of(parity, study, study.Baseline, extent));
        Assert.Equal(4800 * ((2 * ((4 * 16) + (16 * 2))) + (16 * 2)), PredictedCompute.Of(parity, study, study.Entries[0], extent));
    }

    [Fact]
    public void The_longest_begin_and_trials_of_one_length_stay_in_their_order()
    {
        List<Trial> trials = [.. Study().Trials.Skip(2)];
        var ordered = PredictedCompute.LongestFirst(trials, entry => entry.Architecture == "wide" ? 4
            : entry.Variant is null ? null
            : 1);
        Assert.Equal(
            [
                "wide.small.lr-0.02/seed-1",
                "wide.small.lr-0.02/seed-2",
                "narrow.small.lr-0.02/seed-1",
                "narrow.small.lr-0.02/seed-2",
                "narrow.small/seed-1",
                "narrow.small/seed-2",
            ],
            ordered.Select(trial => trial.Id)
        );
    }

    private Study Study() => StudyReader.Read(folder["configs/studies/parity.yaml"], WorkloadCatalog.Shipped.With(parity).Vocabularies);
}
