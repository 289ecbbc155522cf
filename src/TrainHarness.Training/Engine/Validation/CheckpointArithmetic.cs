using System.Globalization;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results.Validation;
using TrainHarness.Training.Checkpoints;

namespace TrainHarness.Training.Engine.Validation;

/// <summary>Compares what a checkpoint says that was done with what its step makes.</summary>
/// <param name="foresight">Null where only the number of steps can be compared.</param>
/// <param name="schedule">Of the trial.</param>
/// <param name="metrics">That its evaluations have.</param>
internal sealed class CheckpointArithmetic(Foresight? foresight, Schedule schedule, IReadOnlyList<Metric> metrics)
{
    /// <summary>
    /// What of a checkpoint is not as its step decides: how many examples there were and what was spent on them, at its evaluations and at
    /// its end. Null where all is.
    /// </summary>
    public string? ProblemOf(CheckpointHeader header)
    {
        if (header.Step > schedule.Steps)
            return FormattableString.Invariant($"it is at step {header.Step} of {schedule.Steps}");
        if (MetricValues.Problem(header.Evaluations, metrics) is { } impossible)
            return impossible.TrimEnd('.');
        if (foresight is null)
            return null;
        var (end, evaluations) = (default(ForeseenStep), 0);
        foreach (var step in foresight.StepsTo(header.Step))
        {
            end = step;
            if (!step.IsEvaluated)
                continue;
            if (
                evaluations >= header.Evaluations.Count
                || header.Evaluations[evaluations] is not { } evaluation
                || (evaluation.Step, evaluation.Epoch, evaluation.Examples) != (step.Step, schedule.EpochAt(step.Step), step.Examples)
                || !AreEqual(evaluation.Ledger, step.Ledger)
            )
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"its evaluation after {step.Step} steps is missing, or has another epoch, other examples or other multiply-adds "
                        + $"than those make"
                );
            evaluations++;
        }

        return (header.Examples, header.Evaluations.Count) == (end.Examples, evaluations) && AreEqual(header.Ledger, end.Ledger)
            ? null
            : FormattableString.Invariant($"it has other examples, multiply-adds or evaluations than {header.Step} steps make");
    }

    private bool AreEqual(ComputeLedger found, ComputeLedger foreseen) =>
        found == (foresight!.KnowsEvaluations ? foreseen : foreseen with { Evaluation = found.Evaluation });
}
