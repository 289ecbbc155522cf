namespace TrainHarness.Training.Engine;

/// <summary>Measures a network as it is now. What it spends is recorded and never charged.</summary>
public interface IEvaluator
{
    /// <summary>Leaves the network in training mode, and no generator that training follows moved on.</summary>
    EvaluationResult Evaluate();
}
