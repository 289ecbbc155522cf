using TrainHarness.Analysis;
using TrainHarness.Results;

namespace TrainHarness.Reports.Charts;

/// <summary>Which entries a chart shows in a colour of their own, and which trials it draws at all.</summary>
internal sealed class Ranking
{
    /// <summary>More curves than this are a grey carpet.</summary>
    public const int MaxCurves = 60;

    private readonly Dictionary<string, int> places;

    /// <summary>The entry that divides first, then by factor; entries without one in the order of the study.</summary>
    public Ranking(StudySummary summary)
    {
        Entries =
        [
            .. summary
                .Entries.OrderByDescending(entry => entry.Entry == summary.Baseline)
                .ThenByDescending(entry => entry is { ReductionFactor: not null, Bound: null })
                .ThenByDescending(entry => entry.ReductionFactor ?? 0)
                .Select(entry => entry.Entry),
        ];
        places = Entries.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
    }

    public IReadOnlyList<string> Entries { get; }

    /// <summary>The same colour for an entry in every chart of a report.</summary>
    public int Colour(string entry) => places[entry] < Palette.Count ? places[entry] : Palette.Grey;

    /// <summary>Its line in a legend, where all without a colour of their own share one.</summary>
    public string? Legend(string entry, bool isFirst) =>
        (isFirst, places[entry] - Palette.Count) switch
        {
            (false, _) => null,
            (true, < 0) => entry,
            (true, 0) => "other entries",
            _ => null,
        };

    /// <summary>The first seed of every entry, then the second of every entry, and so on, as far as a chart can show them.</summary>
    public IReadOnlyList<TrialResult> Drawn(IReadOnlyDictionary<string, IReadOnlyList<TrialResult>> results)
    {
        var seeds = results.Values.Select(trials => trials.Count).DefaultIfEmpty(0).Max();
        return
        [
            .. Enumerable
                .Range(0, seeds)
                .SelectMany(seed => Entries.Where(entry => results[entry].Count > seed).Select(entry => results[entry][seed]))
                .Where(trial => trial.Evaluations.Count > 0)
                .Take(MaxCurves),
        ];
    }
}
