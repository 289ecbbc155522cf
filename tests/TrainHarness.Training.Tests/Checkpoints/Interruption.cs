using TrainHarness.Results;
using TrainHarness.Training.Checkpoints;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads.ImageClassification;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

namespace TrainHarness.Training.Tests.Checkpoints;

/// <summary>A trial in a folder of its own that can be stopped and resumed.</summary>
internal sealed class Interruption(TrainingPlan plan, DatasetPack pack, string folder)
{
    public ResultStore Store { get; } = new(folder);

    /// <summary>Opens the trial, at every attempt.</summary>
    public Func<TrainingPlan, TrainingTask> Open { get; set; } = ImageTask.On(pack);

    /// <summary>What the trial told people.</summary>
    public List<string> Told { get; } = [];

    public string Latest => Store.CheckpointFile(Origin.Trial);

    public string Previous => Store.PreviousCheckpointFile(Origin.Trial);

    public CheckpointOrigin Origin { get; init; } =
        new(plan.Trial.Id, "configuration", pack.Fingerprint, plan.Threshold, "cpu", "a processor", "2.10.0");

    public TrialClock Clock { get; private set; } = new();

    /// <summary>Runs on until so many more checkpoints were saved, one after each step; null where the trial ended before.</summary>
    public TrainingResult? Run(int steps)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Clock = new TrialClock();
        var checkpoints = new TrialCheckpoints(Store, Origin, TimeSpan.Zero, Clock, Told.Add, () =>
        {
            if (--steps <= 0)
                stop.Cancel();
        });
        try
        {
            return TrainingLoop.Run(plan, Open, checkpoints, progress: null, stop.Token);
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Runs on to the end, without another checkpoint.</summary>
    public TrainingResult Finish()
    {
        Clock = new TrialClock();
        return TrainingLoop.Run(
            plan,
            Open,
            new TrialCheckpoints(Store, Origin, TimeSpan.FromDays(1), Clock, Told.Add, () => { }),
            progress: null,
            TestContext.Current.CancellationToken
        );
    }

    /// <summary>All of a result but its seconds, which are never the same twice.</summary>
    public static string Shown(TrainingResult result) =>
        ResultsJson.Write(
            result with
            {
                TrainingSeconds = 0,
                EvaluationSeconds = 0,
                DataWaitSeconds = 0,
                Evaluations = [.. result.Evaluations.Select(evaluation => evaluation with { Seconds = 0 })],
            }
        );
}
