using System.Globalization;
using TrainHarness.Compute;

namespace TrainHarness.Results.Validation;

/// <summary>What no evaluations of one trial can be: files that anybody may have written hold them.</summary>
public static class EvaluationOrder
{
    /// <summary>Three centuries: no clock has run so long.</summary>
    public const double MaxSeconds = 1e10;

    // Shorter than a clock can tell.
    private const double MinSeconds = 1e-9;

    /// <summary>
    /// What is impossible in evaluations, oldest first, of a trial that stands at so many steps and examples and has spent so much and
    /// trained so long; null where nothing is.
    /// </summary>
    public static string? Problem(
        IReadOnlyList<Evaluation> evaluations,
        long steps,
        long examples,
        ComputeLedger ledger,
        double trainingSeconds
    )
    {
        if (trainingSeconds > MaxSeconds)
            return string.Create(CultureInfo.InvariantCulture, $"it trained for {trainingSeconds} seconds; allowed: at most {MaxSeconds}.");
        for (var index = 1; index < evaluations.Count; index++)
        {
            var (before, now) = (evaluations[index - 1], evaluations[index]);
            if (
                now.Step <= before.Step
                || now.Examples < before.Examples
                || now.Seconds < before.Seconds
                || IsLess(now.Ledger, before.Ledger)
            )
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"evaluation {index + 1} does not come after the one before it; steps rise, and examples, seconds and "
                        + $"multiply-adds never fall."
                );
        }

        if (
            evaluations.Any(evaluation =>
                evaluation.Examples < 1 || evaluation.Ledger.Forward == Macs.Zero || evaluation.Seconds is > 0 and < MinSeconds
            )
        )
            return "an evaluation comes before the first step.";
        return
            evaluations is [.., var last]
            && (steps < last.Step || examples < last.Examples || IsLess(ledger, last.Ledger) || trainingSeconds < last.Seconds)
            ? "its last evaluation has more steps, examples, multiply-adds or seconds than the whole trial."
            : null;
    }

    private static bool IsLess(ComputeLedger now, ComputeLedger before) =>
        now.Forward < before.Forward
        || now.GradInput < before.GradInput
        || now.GradWeight < before.GradWeight
        || now.Generation < before.Generation
        || now.Evaluation < before.Evaluation;
}
