using System.Globalization;
using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Published;

/// <summary>Reads a level's file strictly and recomputes it.</summary>
internal static class PublishedLevelReader
{
    private enum DoublingOver
    {
        Frontier,
        EndPoints,
        All,
        None,
    }

    /// <exception cref="ConfigurationException">Anything in the file was not understood.</exception>
    public static PublishedLevel Read(string name, ConfigurationNode root)
    {
        root.Allow("title", "unit", "convention", "incomparable", "doublingTime", "notes", "rows");
        var (unit, convention) = (root.Required("unit").Text(), Convention(root.Required("convention")));
        var raw = root.Required("rows").Items().Select(row => RawRowReader.Read(row, unit, convention)).ToList();
        var rows = raw.ConvertAll(row => RowRecomputation.Of(row, raw[0], root.Optional("incomparable")?.Text()));
        var doubling = root.Required("doublingTime").Allow("over", "printedMonths");
        var over = doubling
            .Required("over")
            .Choice(
                ("frontier", DoublingOver.Frontier),
                ("end-points", DoublingOver.EndPoints),
                ("all", DoublingOver.All),
                ("none", DoublingOver.None)
            );
        var trend =
            over == DoublingOver.Frontier
                ? TrendSummary.Of([.. Points(rows).Select(point => new TrendEntrant(point, null))], rows[0].System)
                : null;
        var (months, method) = over switch
        {
            DoublingOver.Frontier => (
                trend!.By(TrendMethod.LeastSquares).DoublingTimeMonths,
                "least squares of log2(recomputed factor) on date, over the frontier"
            ),
            DoublingOver.EndPoints => (
                Trend.DoublingTimeMonths([.. Points(rows)], TrendMethod.EndPoints),
                "end points of log2(recomputed factor) on date"
            ),
            DoublingOver.All => (Trend.DoublingTimeMonths([.. Growth(rows)]), "least squares of log2(compute) on date, over all rows"),
            _ => ((double?)null, ""),
        };
        var printed = doubling.Optional("printedMonths")?.Positive(1000);
        return new PublishedLevel(
            name,
            root.Required("title").Text(),
            rows,
            months,
            months is null ? null : method,
            printed,
            trend,
            [.. root.Required("notes").Items().Select(note => note.Text()), .. DoublingNote(months, printed)]
        );
    }

    public static StatedConvention Convention(ConfigurationNode node) =>
        StatedConvention.Parse(node.Text())
        ?? throw node.Error($"'{node.Text()}' is no convention; allowed: exact, paper, ai-and-compute, forward, other: TEXT.");

    private static IEnumerable<TrendPoint> Points(IEnumerable<PublishedRow> rows) =>
        rows.Where(row => row.RecomputedFactor is not null)
            .Select(row => new TrendPoint(row.System, row.Published, row.RecomputedFactor!.Value));

    private static IEnumerable<TrendPoint> Growth(IEnumerable<PublishedRow> rows) =>
        rows.Where(row => row.Growth is not null).Select(row => new TrendPoint(row.System, row.Published, row.Growth!.Value));

    private static IEnumerable<string> DoublingNote(double? months, double? printed)
    {
        if (printed is not { } shown)
            yield break;
        if (months is not { } value)
            yield return string.Create(CultureInfo.InvariantCulture, $"Printed: a doubling every {shown} months; it cannot be recomputed.");
        else if (!Printed.Agrees(value, shown))
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"Printed: a doubling every {shown} months; recomputed it is {SignificantDigits.Of(value)}."
            );
    }
}
