using System.Globalization;
using TrainHarness.Analysis;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Reports.Charts;

/// <summary>
/// The figure of <i>AI and Efficiency</i> (Hernandez &amp; Brown 2020, figure 3) for a study: compute to target against publication date.
/// </summary>
public static class EfficiencyChart
{
    /// <summary>Of the chart.</summary>
    public const string Name = "efficiency";

    /// <summary>More points than this hide each other.</summary>
    private const int MaxOthers = 400;

    /// <summary>Null where no entry reached the target.</summary>
    public static Chart? Of(StudySummary summary)
    {
        var reached = summary.Entries.Where(entry => entry is { Published: not null, TrainingMacsToTarget: not null }).ToList();
        if (reached.Count == 0)
            return null;
        var names = summary.Trend?.Frontier.Select(point => point.Name).ToHashSet() ?? [];
        var frontier = reached.Where(entry => names.Contains(entry.Entry)).OrderBy(entry => entry.Published).ToList();
        var others = reached.Except(frontier).OrderBy(entry => entry.TrainingMacsToTarget).ToList();
        // An architecture with one recipe needs no more than its own name, so that more names find a place.
        var alone = summary
            .Entries.GroupBy(entry => entry.Architecture)
            .Where(group => group.Count() == 1)
            .Select(group => group.Key)
            .ToHashSet();
        var divides = reached.Find(entry => entry.Entry == summary.Baseline)?.TrainingMacsToTarget?.ToDouble();
        var series = new List<Series>();
        if (frontier.Count > 0)
        {
            series.Add(new Series("frontier", "frontier: less than everything before", Mark.Points, 0, [.. frontier.Select(Named)]));
            series.Add(
                new Series("frontier line", null, Mark.Line, 0, [.. frontier.Select(entry => Point(entry, null) with { Label = null })])
            );
        }

        if (others.Count > 0)
            series.Add(
                new Series("others", "others, or not resolved", Mark.OpenPoints, Palette.Grey, [.. others.Take(MaxOthers).Select(Named)])
            );
        if (summary.DoublingTimeMonths is { } months && frontier.Count > 1)
            series.Add(TrendLine(frontier, months));
        var missed = summary.Entries.Count - reached.Count;
        return new Chart(
            Name,
            "Training compute to target by date of publication",
            Description(summary, frontier, reached.Count),
            new Axis("date of publication", Scale.Date),
            new Axis("training multiply-adds to target", Scale.Log),
            series,
            Note(missed, others.Count)
        )
        {
            IsInteractive = true,
        };

        SeriesPoint Named(EntrySummary entry) =>
            Point(entry, divides) with
            {
                ShortLabel = alone.Contains(entry.Architecture) ? entry.Architecture : null,
            };
    }

    /// <summary>The interval is that of the factor, carried over to the compute that it divides.</summary>
    private static SeriesPoint Point(EntrySummary entry, double? divides) =>
        new(
            entry.Published!.Value.DayNumber,
            entry.TrainingMacsToTarget!.Value.ToDouble(),
            divides / entry.High,
            divides / entry.Low,
            entry.Entry
        );

    /// <summary>Least squares go through the mean date and the mean logarithm.</summary>
    private static Series TrendLine(List<EntrySummary> frontier, double months)
    {
        var day = frontier.Average(entry => (double)entry.Published!.Value.DayNumber);
        var log = frontier.Average(entry => Math.Log2(entry.TrainingMacsToTarget!.Value.ToDouble()));
        SeriesPoint At(double date) => new(date, Math.Pow(2, log - ((date - day) / (months * Trend.DaysPerMonth))));
        return new Series(
            "trend",
            $"halves every {Shown.Months(months)}",
            Mark.Dashes,
            1,
            [At(frontier[0].Published!.Value.DayNumber), At(frontier[^1].Published!.Value.DayNumber)]
        );
    }

    private static string Description(StudySummary summary, List<EntrySummary> frontier, int reached) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{reached} of {summary.Entries.Count} {(summary.Entries.Count == 1 ? "entry" : "entries")} reached the target with every "
                + $"seed.{OnFrontier(frontier)} Vertical bars are 95 % intervals of the factor, where there are enough seeds."
        );

    private static string OnFrontier(List<EntrySummary> frontier) =>
        frontier.Count == 0
            ? ""
            : " On the frontier, from old to new: "
                + $"{string.Join(", ", frontier.Select(entry => $"{entry.Entry} {Shown.Macs(entry.TrainingMacsToTarget)}"))}.";

    private static string? Note(int missed, int others)
    {
        var parts = new List<string>();
        if (missed > 0)
            parts.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{missed} {(missed == 1 ? "entry that has" : "entries that have")} no cost to target with every seed "
                        + $"{(missed == 1 ? "is" : "are")} not in the figure."
                )
            );
        if (others > MaxOthers)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"Of the {others} others the {MaxOthers} cheapest are drawn."));
        return parts.Count > 0 ? string.Join(' ', parts) : null;
    }
}
