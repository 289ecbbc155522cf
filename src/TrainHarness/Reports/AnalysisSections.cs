using System.Globalization;
using System.Text;
using TrainHarness.Analysis;

namespace TrainHarness.Reports;

/// <summary>The parts of report.md that look beyond the one factor: other measures of cost, other levels, the trend.</summary>
internal static class AnalysisSections
{
    /// <summary>Rows of the table of levels; a curve has more points than a page needs.</summary>
    private const int MostLevels = 12;

    /// <summary>Columns of it; report --json has all.</summary>
    private const int MostEntries = 8;

    public static string Of(StudySummary summary) => string.Concat(Measures(summary), Levels(summary), NewLevels(summary), Trends(summary));

    private static string Measures(StudySummary summary)
    {
        var rows = summary.Entries.Where(entry => entry.Entry != summary.Baseline && entry.Measures.Any(measure => measure.Factor is not null)).ToList();
        if (rows.Count == 0)
            return "";
        var text = new StringBuilder("## In other measures\n\n");
        text.Append(CultureInfo.InvariantCulture, $"What {summary.Baseline} spent to the target ÷ what an entry spent. Exact compute splits into epochs × multiply-adds of an example; inference is the forward pass alone, of entries that reached the target with every trial.\n\n");
        text.Append("| entry | exact compute | = epochs | × per example | paper's compute | time | energy | dollars | examples | inference |\n|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (var entry in rows)
        {
            var exact = Measure(entry, CostMeasure.ExactFlops);
            text.Append(CultureInfo.InvariantCulture, $"| {entry.Entry} | {Cell(exact.Factor)} | {Shown.Times(exact.ExamplesFactor)} | {Shown.Times(exact.PerExampleFactor)} ");
            foreach (var measure in (CostMeasure[])[CostMeasure.PaperFlops, CostMeasure.Seconds, CostMeasure.Joules, CostMeasure.Dollars, CostMeasure.Examples])
                text.Append(CultureInfo.InvariantCulture, $"| {Cell(Measure(entry, measure).Factor)} ");
            text.Append(CultureInfo.InvariantCulture, $"| {Shown.Times(entry.InferenceFactor)} |\n");
        }

        text.Append('\n');
        var unknown = rows.SelectMany(entry => entry.Measures).Where(measure => measure.Unknown is not null)
            .Select(measure => $"{Word(measure.Measure)}: {measure.Unknown}").Distinct().ToList();
        if (unknown.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $"Not known: {string.Join("; ", unknown)}.\n\n");
        foreach (var price in summary.Prices)
            text.Append(CultureInfo.InvariantCulture, $"Dollars at {price.DollarsPerHour:G6} an hour of {price.Device} ({price.Source}, {price.Date:yyyy-MM-dd}).\n\n");
        return text.ToString();
    }

    private static string Levels(StudySummary summary)
    {
        if (summary.Curve is not { Points.Count: > 0 } curve)
            return "";
        var shown = Chosen(curve).ToList();
        var known = summary.Entries.Where(entry => entry.Entry != summary.Baseline && shown.Exists(point => FactorOf(point, entry.Entry) is not null)).ToList();
        if (known.Count == 0)
            return "";
        var best = known.OrderByDescending(entry => entry.Bound == Bound.AtMost ? 0 : entry.ReductionFactor ?? 0).Take(MostEntries).ToHashSet();
        var entries = known.Where(best.Contains).ToList();
        var metric = summary.Target.Metric;
        var text = new StringBuilder("## At other levels\n\n");
        text.Append(CultureInfo.InvariantCulture, $"The same factors, had another {metric} been the target, up to {Shown.Percent(curve.Highest)}, the highest that all trials cover. At each level the cheapest schedule of the baseline's architecture divides.{(known.Count > MostEntries ? $" Of {known.Count} entries, the {MostEntries} with the best factors." : "")}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"| {metric} | divides |{string.Concat(entries.Select(entry => $" {entry.Entry} |"))} doubling time |\n|---|---|{string.Concat(entries.Select(_ => "---|"))}---|\n");
        foreach (var point in shown)
        {
            var mark = point == curve.AtTarget ? " (target)" : point == curve.Sensitivity ? " (99.6 % of it)" : "";
            text.Append(CultureInfo.InvariantCulture, $"| {point.Threshold * 100:0.##} %{mark} | {point.Baseline}{(point.BaselineIsFlat ? ", flat" : "")} |");
            foreach (var entry in entries)
                text.Append(CultureInfo.InvariantCulture, $" {Cell(FactorOf(point, entry.Entry))} |");
            text.Append(CultureInfo.InvariantCulture, $" {(point.DoublingTimeMonths is { } months ? $"{months.ToString("0.0", CultureInfo.InvariantCulture)} months" : Shown.Unknown)} |\n");
        }

        return text.Append('\n').ToString();
    }

    /// <summary>Evenly spaced ones, the target and 99.6 % of it.</summary>
    private static IEnumerable<ThresholdPoint> Chosen(ThresholdCurve curve)
    {
        var every = (curve.Points.Count + MostLevels - 1) / MostLevels;
        return curve.Points.Where((point, index) => index % every == 0 || point == curve.AtTarget || point == curve.Sensitivity);
    }

    private static string NewLevels(StudySummary summary)
    {
        if (summary.Curve is not { NewLevels.Count: > 0 } curve)
            return "";
        var text = new StringBuilder("The other way round, what the old network would need for the highest level that each trial of the new one reached, under its own recipe:\n\n");
        text.Append(CultureInfo.InvariantCulture, $"| entry | {summary.Target.Metric} | old network | more compute |\n|---|---|---|---|\n");
        foreach (var level in curve.NewLevels)
            text.Append(CultureInfo.InvariantCulture, $"| {level.Entry} | {Shown.Percent(level.Level)} | {level.Baseline} | {Cell(level.Extra)} |\n");
        return text.Append('\n').ToString();
    }

    private static string Trends(StudySummary summary)
    {
        if (summary.Trend is not { Frontier.Count: >= 2 } trend)
            return "";
        var text = new StringBuilder("## Trend\n\n");
        text.Append(CultureInfo.InvariantCulture, $"The frontier holds {trend.Frontier.Count} of {trend.Entrants} entrants whose factor is resolved, the best of so many at their dates: {string.Join(", ", trend.Frontier.Select(point => point.Name))}. ");
        text.Append("Both intervals hold the middle 95 % of resamples, in each of which the frontier was selected again: over seeds (the costs drawn from what the seeds say), and over entrants (which networks were tried, drawn with replacement). There is none over seeds where an entrant has fewer than three or all its seeds cost the same, and none over entrants where there are fewer than four.\n\n");
        text.Append("| method | doubling time | over seeds | over entrants |\n|---|---|---|---|\n");
        foreach (var estimate in trend.Estimates)
            text.Append(CultureInfo.InvariantCulture, $"| {Word(estimate.Method)} | {Months(estimate.DoublingTimeMonths)} | {Interval(estimate.OverSeeds)} | {Interval(estimate.OverEntrants)} |\n");
        text.Append('\n');
        if (trend.LeaveOneOut.Any(left => left.DoublingTimeMonths is not null))
            text.Append(CultureInfo.InvariantCulture, $"Least squares with one network left out: {string.Join(", ", trend.LeaveOneOut.Select(left => $"without {left.Name} {Months(left.DoublingTimeMonths)}"))}.\n\n");
        if (summary.InferenceTrend?.By(TrendMethod.LeastSquares).DoublingTimeMonths is { } inference)
            text.Append(CultureInfo.InvariantCulture, $"Inference of the same level: {Months(inference)} by least squares.\n\n");
        text.Append("To compare, none of them measured here:\n\n");
        foreach (var line in ComparisonLine.All)
            text.Append(CultureInfo.InvariantCulture, $"- {line.Name}: {line.Assumption}.\n");
        return text.Append('\n').ToString();
    }

    private static string Cell(ReductionFactor? factor) => Shown.Factor(factor) + (factor is { Bound: null, Resolved: false } ? " unresolved" : "");

    private static MeasuredFactor Measure(EntrySummary entry, CostMeasure measure) => entry.Measures.First(measured => measured.Measure == measure);

    private static ReductionFactor? FactorOf(ThresholdPoint point, string entry) => point.Factors.First(factor => factor.Entry == entry).Factor;

    private static string Months(double? months) => months is { } value ? string.Create(CultureInfo.InvariantCulture, $"{value:0.0} months") : Shown.Unknown;

    private static string Interval(TrendInterval? interval)
    {
        if (interval is null)
            return "none";
        var without = interval.WithoutTrend == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; {interval.WithoutTrend} of {interval.Resamples} resamples had too few points");
        return string.Create(CultureInfo.InvariantCulture, $"{interval.Low:0.0} to {interval.High:0.0}{without}");
    }

    private static string Word(TrendMethod method) => method switch
    {
        TrendMethod.LeastSquares => "least squares of log2",
        TrendMethod.EndPoints => "end points",
        TrendMethod.TheilSen => "Theil–Sen",
        _ => throw new ArgumentOutOfRangeException(nameof(method), method, null),
    };

    private static string Word(CostMeasure measure) => measure switch
    {
        CostMeasure.ExactFlops => "exact compute",
        CostMeasure.PaperFlops => "the paper's compute",
        CostMeasure.Seconds => "time",
        CostMeasure.Joules => "energy",
        CostMeasure.Dollars => "dollars",
        CostMeasure.Examples => "examples",
        _ => throw new ArgumentOutOfRangeException(nameof(measure), measure, null),
    };
}
