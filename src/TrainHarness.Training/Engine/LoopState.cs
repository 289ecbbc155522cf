using TrainHarness.Compute;
using TrainHarness.Results;
using TrainHarness.Training.Checkpoints;
using TrainHarness.Training.Clocks;
using TrainHarness.Training.Energy;
using TrainHarness.Training.Optimizers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Engine;

/// <summary>
/// All that a training run carries from step to step, and that a checkpoint saves (<see cref="TrialCheckpoints"/>). Randomness is not in
/// it: every draw is a function of the trial's seed and the step (<see cref="Protocol.Seeds"/>), but for dropout, which follows libtorch's
/// own generators; a checkpoint saves those beside it.
/// </summary>
internal sealed class LoopState : ISavedRun, IDisposable
{
    public required Device Device { get; init; }

    public required Module Network { get; init; }

    public required IOptimizer Optimizer { get; init; }

    /// <summary>What evaluations use in place of the weights; null where the recipe has none.</summary>
    public required WeightAverage? Average { get; init; }

    /// <summary>What the workload carries; see <see cref="TrainingTask.SavedStates"/>.</summary>
    public required IReadOnlyDictionary<string, ISavedState> OfTheWorkload { get; init; }

    public required PausableClock TrainingClock { get; init; }

    public required PausableClock EvaluationClock { get; init; }

    /// <summary>Runs while the training clock does.</summary>
    public required EnergyMeter Energy { get; init; }

    /// <summary>Runs while the host waits for a batch, which is a part of training.</summary>
    public required PausableClock DataWait { get; init; }

    /// <summary>Optimizer steps taken.</summary>
    public long Step { get; set; }

    /// <summary>Training examples seen.</summary>
    public long Examples { get; set; }

    public ComputeLedger Ledger { get; set; } = ComputeLedger.Empty;

    /// <summary>Training loss of the latest step that was looked at.</summary>
    public double LatestLoss { get; set; }

    /// <summary>What was not finite; null while all is.</summary>
    public string? Divergence { get; set; }

    public List<Evaluation> Evaluations { get; } = [];

    /// <summary>What the evaluation clock said after each of them; null for those of a version that did not keep it.</summary>
    public List<double?> EvaluationEnds { get; } = [];

    public IReadOnlyList<(string Part, ISavedState State)> Parts =>
        [
            ("network", new Weights(Network)),
            ("optimizer", Optimizer),
            .. Average is { } average ? ((string, ISavedState)[])[("average", average)] : [],
            .. OfTheWorkload.Select(state => ($"workload.{state.Key}", state.Value)),
        ];

    CheckpointHeader ISavedRun.Describe(CheckpointOrigin origin, TrialClock clock) =>
        new()
        {
            Origin = origin,
            Step = Step,
            Examples = Examples,
            Ledger = Ledger,
            LatestLoss = LatestLoss,
            Evaluations = Evaluations,
            EvaluationEnds = EvaluationEnds,
            TrainingSeconds = TrainingClock.Seconds,
            EvaluationSeconds = EvaluationClock.Seconds,
            DataWaitSeconds = DataWait.Seconds,
            Joules = Energy.Joules,
            EnergyMeter = Energy.Covers,
            Seconds = clock.Seconds,
            SuspendedSeconds = clock.SuspendedSeconds,
            TrialsPerDevice = clock.TrialsPerDevice,
            Started = clock.Started,
        };

    string? ISavedRun.Resume(CheckpointHeader header)
    {
        TrainingClock.Resume(header.TrainingSeconds);
        EvaluationClock.Resume(header.EvaluationSeconds);
        DataWait.Resume(header.DataWaitSeconds);
        Step = header.Step;
        Examples = header.Examples;
        Ledger = header.Ledger;
        LatestLoss = header.LatestLoss;
        Evaluations.Clear();
        Evaluations.AddRange(header.Evaluations);
        EvaluationEnds.Clear();
        EvaluationEnds.AddRange(header.EvaluationEnds ?? [.. header.Evaluations.Select(_ => (double?)null)]);
        return Energy.Resume(header.Joules, header.EnergyMeter);
    }

    /// <summary>The network is the task's.</summary>
    public void Dispose()
    {
        Average?.Dispose();
        Optimizer.Dispose();
    }

    private sealed class Weights(Module network) : ISavedState
    {
        public IReadOnlyDictionary<string, Tensor> State => network.state_dict();

        public void ResumeAfter(long steps)
        {
            // Weights and buffers are all that there is to them.
        }
    }
}
