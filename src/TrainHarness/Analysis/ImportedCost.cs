using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Analysis;

/// <summary>What an imported trial spent until the target.</summary>
/// <param name="Deciding">The first evaluation at the target, or the last of a miss.</param>
internal sealed record ImportedCost(ImportedEvaluation Deciding, bool Reached, CostToTarget Compute)
{
    /// <param name="target">With a threshold, of the trial's metric.</param>
    public static ImportedCost To(TargetSummary target, ImportedTrial trial)
    {
        var before = trial.Evaluations.TakeWhile(evaluation => !target.Metric.Reaches(evaluation.Value, target.Threshold!.Value)).Count();
        var reached = before < trial.Evaluations.Count;
        var deciding = reached ? trial.Evaluations[before] : trial.Evaluations[^1];
        var isResolved = !reached || before >= ProtocolVersion.ResolvingEvaluations;
        return new ImportedCost(
            deciding,
            reached,
            new CostToTarget(deciding.TrainingMacs.ToDouble(), reached, isResolved, reached ? before : null)
        );
    }
}
