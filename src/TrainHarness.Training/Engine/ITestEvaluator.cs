using TrainHarness.Results;

namespace TrainHarness.Training.Engine;

/// <summary>An evaluator that measures once more when a trial has ended, on examples that nothing had looked at before.</summary>
public interface ITestEvaluator : IEvaluator
{
    /// <summary>As <see cref="IEvaluator.Evaluate"/> leaves the network, so does this.</summary>
    /// <returns>Null where there are no such examples.</returns>
    TestRecord? Test();
}
