using System.Globalization;
using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Reports.Charts;
using TrainHarness.Reports.Tables;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Reports.Sections;

/// <summary>How fast the frontier doubles, by which method, and how sure that is.</summary>
internal static class TrendSection
{
    /// <summary>Null with fewer than two points on the frontier.</summary>
    public static IReadOnlyList<ReportPart>? Parts(StudySummary summary)
    {
        if (summary.Trend is not { Frontier.Count: >= 2 } trend)
            return null;
        return
        [
            ReportPart.Of(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The frontier holds {trend.Frontier.Count} of {trend.Entrants} entrants whose factor is resolved, the best of so "
                        + $"many at their dates: {string.Join(", ", trend.Frontier.Select(point => point.Name))}. Both intervals hold "
                        + $"the middle 95 % of resamples, in each of which the frontier was selected again: over seeds (the costs "
                        + $"drawn from what the seeds say), and over entrants (which networks were tried, drawn with replacement). "
                        + $"There is none over seeds where an entrant has fewer than three or all its seeds cost the same, and none "
                        + $"over entrants where there are fewer than four."
                )
            ),
            ReportPart.Of(Estimates(trend)),
            ReportPart.Of(LeaveOneOut(trend)),
            .. summary.InferenceTrend?.By(TrendMethod.LeastSquares).DoublingTimeMonths is { } inference
                ? (ReportPart[])[ReportPart.Of($"Inference of the same level: {Shown.Months(inference)} by least squares.")]
                : [],
            ReportPart.Of("To compare, none of them measured here:"),
            ReportPart.Of([.. ComparisonLine.All.Select(line => $"{line.Name}: {line.Assumption}.")]),
            .. ReportPart.Drawn(TrendChart.Of(summary)),
        ];
    }

    private static string LeaveOneOut(TrendSummary trend) =>
        trend.LeaveOneOut.Any(left => left.DoublingTimeMonths is not null)
            ? $"Least squares with one network left out: {string.Join("; ", trend.LeaveOneOut.Select(WithoutOne))}."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"What one network decides cannot be said: least squares need three on the frontier, and with one of its "
                    + $"{trend.Frontier.Count} left out there are fewer."
            );

    private static string WithoutOne(LeftOut left) =>
        $"without {left.Name}: "
        + (left.DoublingTimeMonths is null ? "none, as fewer than three are left" : Shown.Months(left.DoublingTimeMonths));

    private static ReportTable Estimates(TrendSummary trend) =>
        new(
            "doubling-times",
            "Doubling time of the frontier",
            [new("method", IsNumber: false), new("doubling time"), new("over seeds"), new("over entrants")],
            [
                .. trend.Estimates.Select(estimate =>
                    (IReadOnlyList<Cell>)
                        [
                            TrendWords.Of(estimate.Method),
                            FactorCell.Months(estimate.DoublingTimeMonths),
                            Interval(estimate.OverSeeds),
                            Interval(estimate.OverEntrants),
                        ]
                ),
            ]
        );

    private static string Interval(TrendInterval? interval)
    {
        if (interval is null)
            return "none";
        var without =
            interval.WithoutTrend == 0
                ? ""
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"; {interval.WithoutTrend} of {interval.Resamples} resamples had too few points"
                );
        return $"{SignificantDigits.Of(interval.Low)} to {Shown.Months(interval.High)}{without}";
    }
}
