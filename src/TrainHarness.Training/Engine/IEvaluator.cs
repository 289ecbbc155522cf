using TrainHarness.Protocol;

namespace TrainHarness.Training.Engine;

/// <summary>Measures a network as it is now. What it spends is recorded and never charged.</summary>
public interface IEvaluator
{
    /// <summary>What it measures, in the order of evaluations.csv; the loss, which every evaluation has, may be among them.</summary>
    IReadOnlyList<Metric> Metrics { get; }

    /// <summary>Leaves the network in training mode, and no generator that training follows moved on.</summary>
    EvaluationResult Evaluate();
}
