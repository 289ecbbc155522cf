using TrainHarness.Compute;
using TrainHarness.Results;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Engine;

/// <summary>
/// All that a training run carries from step to step, and that a checkpoint saves (<see cref="Checkpoints.TrialCheckpoints"/>). Randomness is not in
/// it: every draw is a function of the trial's seed and the step (<see cref="Protocol.Seeds"/>), but for dropout, which follows libtorch's own
/// generators; a checkpoint saves those beside it.
/// </summary>
public sealed class LoopState : IDisposable
{
    public required Device Device { get; init; }

    public required Module<Tensor, Tensor> Network { get; init; }

    public required IOptimizer Optimizer { get; init; }

    /// <summary>What evaluations use in place of the weights; null where the recipe has none.</summary>
    public required WeightAverage? Average { get; init; }

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

    public void Dispose()
    {
        Average?.Dispose();
        Optimizer.Dispose();
        Network.Dispose();
    }
}
