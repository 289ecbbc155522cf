using System.Globalization;
using TrainHarness.Analysis;
using TrainHarness.Protocol;
using TrainHarness.Reports.Charts;
using TrainHarness.Reports.Tables;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Reports.Sections;

/// <summary>The answer at other levels than the target, in both directions.</summary>
internal static class LevelSection
{
    /// <summary>Rows of the table of levels; a curve has more points than a page needs.</summary>
    private const int MaxLevels = 12;

    /// <summary>Entries in one table, besides the columns that all have.</summary>
    private const int MaxEntries = 6;

    private const int MaxTables = 3;

    /// <summary>Null without a curve, and where nothing but the baseline is on it.</summary>
    public static IReadOnlyList<ReportPart>? Parts(StudySummary summary)
    {
        if (summary.Curve is not { Points.Count: > 0 } curve)
            return null;
        var named = curve
            .Points.SelectMany(point => point.Factors)
            .Where(factor => factor.Factor is not null)
            .Select(factor => factor.Entry)
            .ToHashSet();
        var entries = new Ranking(summary).Entries.Where(entry => entry != summary.Baseline && named.Contains(entry)).ToList();
        if (entries.Count == 0)
            return null;
        var metric = summary.Target.Metric;
        return
        [
            ReportPart.Of(
                $"The same factors, had another {metric} been the target, {MetricWords.Onward(metric)} to "
                    + $"{Shown.Level(metric, curve.Best)}, "
                    + $"the {MetricWords.Best(metric)} that all trials cover. At each level the cheapest schedule of the baseline's "
                    + $"architecture divides."
            ),
            .. Levels(summary, curve, entries).Select((table, number) => number == 0 ? ReportPart.Of(table) : ReportPart.Captioned(table)),
            .. curve.NewLevels.Count > 0
                ? (ReportPart[])
                    [
                        ReportPart.Of(
                            $"The other way round, what the old network would need for the {MetricWords.Best(metric)} level "
                                + "that each trial of the new one reached, under the old network's recipe:"
                        ),
                        ReportPart.Of(NewLevels(summary, curve)),
                    ]
                : [],
            .. ReportPart.Drawn(ThresholdCharts.Factors(summary), ThresholdCharts.DoublingTimes(summary)),
        ];
    }

    /// <summary>One table, or a few of much the same width.</summary>
    private static IEnumerable<ReportTable> Levels(StudySummary summary, ThresholdCurve curve, List<string> entries)
    {
        var all = entries.Take(MaxEntries * MaxTables).ToList();
        var tables = (all.Count + MaxEntries - 1) / MaxEntries;
        return all.Chunk((all.Count + tables - 1) / tables)
            .Select((shown, table) => Levels(summary, curve, shown, table, left: table == tables - 1 ? entries.Count - all.Count : 0));
    }

    private static ReportTable Levels(StudySummary summary, ThresholdCurve curve, IReadOnlyList<string> shown, int table, int left) =>
        new(
            table == 0 ? "factor-by-level" : string.Create(CultureInfo.InvariantCulture, $"factor-by-level-{table + 1}"),
            $"Reduction factors by {summary.Target.Metric}{(table == 0 ? "" : ", the next entries")}",
            [
                new(summary.Target.Metric.Name, IsNumber: false),
                new("divides", IsNumber: false),
                .. shown.Select(entry => new Column(entry)),
                .. table == 0 ? (Column[])[new("doubling time")] : [],
            ],
            [
                .. Chosen(curve)
                    .Select(point =>
                        (IReadOnlyList<Cell>)
                            [
                                .. Row(summary.Target.Metric, point, curve, shown),
                                .. table == 0 ? (Cell[])[FactorCell.Months(point.DoublingTimeMonths)] : [],
                            ]
                    ),
            ],
            left switch
            {
                0 => null,
                1 => "1 entry with a smaller factor is not shown.",
                _ => string.Create(CultureInfo.InvariantCulture, $"{left} entries with smaller factors are not shown."),
            }
        );

    private static IReadOnlyList<Cell> Row(Metric metric, ThresholdPoint point, ThresholdCurve curve, IReadOnlyList<string> entries)
    {
        var mark =
            point == curve.AtTarget ? " (target)"
            : point == curve.Sensitivity ? " (99.6 % of it)"
            : "";
        var factors = point.Factors.ToDictionary(factor => factor.Entry, factor => factor.Factor);
        return
        [
            new(Level(metric, point.Threshold) + mark, point.Threshold),
            point.Baseline + (point.BaselineIsFlat ? ", flat" : ""),
            .. entries.Select(entry => FactorCell.Of(factors.GetValueOrDefault(entry))),
        ];
    }

    /// <summary>With the digits of a grid that is finer than what <see cref="Shown.Level"/> shows.</summary>
    private static string Level(Metric metric, double level) =>
        metric.Unit == MetricUnit.Percent
            ? string.Create(CultureInfo.InvariantCulture, $"{level * 100:0.##} %")
            : level.ToString("0.######", CultureInfo.InvariantCulture);

    /// <summary>Evenly spaced ones, the target and, where there is one, 99.6 % of it.</summary>
    private static IEnumerable<ThresholdPoint> Chosen(ThresholdCurve curve)
    {
        var every = (curve.Points.Count + MaxLevels - 1) / MaxLevels;
        return curve.Points.Where((point, index) => index % every == 0 || point == curve.AtTarget || point == curve.Sensitivity);
    }

    private static ReportTable NewLevels(StudySummary summary, ThresholdCurve curve) =>
        new(
            "new-levels",
            "Extra compute of the old network at the new network's level",
            [new("entry", IsNumber: false), new(summary.Target.Metric.Name), new("old network", IsNumber: false), new("more compute")],
            [
                .. curve.NewLevels.Select(level =>
                    (IReadOnlyList<Cell>)
                        [
                            level.Entry,
                            new(Shown.Level(summary.Target.Metric, level.Level), level.Level),
                            level.Baseline,
                            FactorCell.Of(level.Extra),
                        ]
                ),
            ]
        );
}
