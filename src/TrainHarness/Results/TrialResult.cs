namespace TrainHarness.Results;

/// <summary>A finished trial as it lies in the results: its record and its curve.</summary>
public sealed record TrialResult(TrialRecord Record, IReadOnlyList<Evaluation> Evaluations)
{
    /// <summary>The metric of the target at the first evaluation; null where there was none.</summary>
    public double? FirstMetric => Evaluations.Count == 0 ? null : Evaluations[0].ValueOf(Record.Target.Metric);

    /// <summary>The metric of the target at the last evaluation; null where there was none.</summary>
    public double? FinalMetric => Evaluations.Count == 0 ? null : Evaluations[^1].ValueOf(Record.Target.Metric);
}
