using System.Diagnostics;
using TrainHarness.Compute;
using TrainHarness.Results;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Engine;

/// <summary>
/// All that a training run carries from step to step. Randomness is not in it: every draw is a function of the trial's
/// seed and the step (<see cref="Protocol.Seeds"/>), but for dropout, which follows the device's own generator.
/// </summary>
public sealed class LoopState : IDisposable
{
    public required Module<Tensor, Tensor> Network { get; init; }

    public required IOptimizer Optimizer { get; init; }

    /// <summary>What evaluations use in place of the weights; null where the recipe has none.</summary>
    public required WeightAverage? Average { get; init; }

    public required PausableClock TrainingClock { get; init; }

    public required PausableClock EvaluationClock { get; init; }

    /// <summary>Runs while the host waits for a batch, which is a part of training.</summary>
    public Stopwatch DataWait { get; } = new();

    /// <summary>Optimizer steps taken.</summary>
    public long Step { get; set; }

    /// <summary>Training examples seen.</summary>
    public long Examples { get; set; }

    public ComputeLedger Ledger { get; set; } = ComputeLedger.Empty;

    /// <summary>Training loss of the latest step that was looked at.</summary>
    public double LatestLoss { get; set; }

    /// <summary>A loss, of training or of validation, was not finite.</summary>
    public bool HasDiverged { get; set; }

    public List<Evaluation> Evaluations { get; } = [];

    public void Dispose()
    {
        Average?.Dispose();
        Optimizer.Dispose();
        Network.Dispose();
    }
}
