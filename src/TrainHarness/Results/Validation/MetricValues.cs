using System.Globalization;
using TrainHarness.Protocol;
using TrainHarness.Protocol.Validation;

namespace TrainHarness.Results.Validation;

/// <summary>What no evaluations can say of their metrics: files that anybody may have written hold them.</summary>
public static class MetricValues
{
    /// <summary>What is impossible in evaluations that should have these metrics and no other; null where nothing is.</summary>
    public static string? Problem(IReadOnlyList<Evaluation> evaluations, IReadOnlyList<Metric> metrics)
    {
        var named = metrics.ToDictionary(metric => metric.Name);
        foreach (var (index, evaluation) in evaluations.Index())
        {
            if (
                named.Keys.FirstOrDefault(name =>
                    name == Metric.LossName ? evaluation.Loss is null : !evaluation.Metrics.ContainsKey(name)
                ) is
                { } missing
            )
                return string.Create(CultureInfo.InvariantCulture, $"evaluation {index + 1} has no {missing}.");
            if (evaluation.Metrics.Keys.FirstOrDefault(name => !named.ContainsKey(name)) is { } unknown)
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"evaluation {index + 1} has a '{unknown}', which is no metric of the trial."
                );
            if (metrics.FirstOrDefault(metric => !metric.Holds(evaluation.ValueOf(metric.Name))) is { } outside)
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"evaluation {index + 1} has a {outside.Name} of {evaluation.ValueOf(outside.Name)}; allowed: "
                        + $"{MetricCheck.Allowed(outside)}."
                );
            }
        }

        return null;
    }
}
