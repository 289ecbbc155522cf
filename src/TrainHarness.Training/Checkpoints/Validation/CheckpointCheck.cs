using TrainHarness.Results.Validation;

namespace TrainHarness.Training.Checkpoints.Validation;

/// <summary>What the header of no checkpoint can be: anybody may have written the file.</summary>
internal static class CheckpointCheck
{
    // A hundred thousand evaluations.
    private const int LargestHeader = 64 << 20;

    /// <summary>What is impossible in the length that a file says its header has; null where nothing is.</summary>
    /// <param name="left">What follows in the file.</param>
    public static string? Problem(int length, long left) =>
        length < 0 || length > left ? "its header is longer than the file"
        : length > LargestHeader ? FormattableString.Invariant($"its header has {length} bytes; allowed: at most {LargestHeader}")
        : null;

    /// <summary>What is impossible in a header; null where nothing is.</summary>
    public static string? Problem(CheckpointHeader? header)
    {
        // A null in the text stands where none is allowed.
        if (header is null || header.Step < 1 || header.Examples < 1 || header.Evaluations.Contains(null!))
            return "its header says nothing";
        if (EvaluationOrder.Problem(header.Evaluations, header.Step, header.Examples, header.Ledger, header.TrainingSeconds) is { } problem)
            return problem.TrimEnd('.');
        double[] amounts =
        [
            header.TrainingSeconds,
            header.EvaluationSeconds,
            header.DataWaitSeconds,
            header.Seconds,
            header.SuspendedSeconds ?? 0,
            header.Joules ?? 0,
            .. header.Evaluations.SelectMany(evaluation => (double[])[evaluation.Seconds, evaluation.Joules ?? 0, evaluation.Loss ?? 0]),
        ];
        var arePossible =
            Array.TrueForAll(amounts, amount => double.IsFinite(amount) && amount >= 0)
            && header.Seconds <= EvaluationOrder.MaxSeconds
            && header.EvaluationSeconds <= EvaluationOrder.MaxSeconds;
        return arePossible && AreEnds(header) ? null : "a clock or a meter in its header is not possible";
    }

    private static bool AreEnds(CheckpointHeader header)
    {
        if (header.EvaluationEnds is not { } ends)
            return true;
        List<double> known = [0, .. ends.OfType<double>(), header.EvaluationSeconds];
        return ends.Count == header.Evaluations.Count && known.Zip(known.Skip(1)).All(pair => pair.First <= pair.Second);
    }
}
