using System.CommandLine;
using System.Globalization;
using TrainHarness.Cli.Execution;
using TrainHarness.Cli.Terminal;
using TrainHarness.Published;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Cli.Commands;

/// <summary><c>published</c>: what others published, recomputed beside what was printed.</summary>
internal static class PublishedCommand
{
    private sealed record Answer(
        string Level,
        string Title,
        IReadOnlyList<Row> Rows,
        double? DoublingTimeMonths,
        string? DoublingTimeMethod,
        double? PrintedDoublingTimeMonths,
        IReadOnlyList<string> Notes
    );

    private sealed record Row(
        string System,
        string Published,
        double? Compute,
        string Unit,
        string Convention,
        double? ReductionFactor,
        double? RecomputedFactor,
        double? RecomputedCompute,
        double? EpochsFactor,
        double? PerExampleFactor,
        double? Growth,
        double? Hours,
        IReadOnlyList<string> Flags,
        string Source
    );

    public static Command Create()
    {
        var level = new Option<string?>("--level")
        {
            Description = "One level only; without it, all of them.",
            HelpName = "NAME",
            CompletionSources = { _ => PublishedLedger.Names },
        };
        var json = CommonOptions.Json();
        var command = new Command(
            "published",
            "Shows published results recomputed beside what was printed, with what contradicts.\n\nExample: trainharness published "
                + "--level alexnet"
        )
        {
            level,
            json,
        };
        command.SetAction(parsed =>
        {
            var one = parsed.GetValue(level) is { } name ? PublishedLedger.Level(name) : null;
            if (!parsed.GetValue(json))
                Show(one is null ? PublishedLedger.Levels : [one]);
            else if (one is not null)
                CommonOptions.WriteJson(AnswerOf(one));
            else
                CommonOptions.WriteJson(PublishedLedger.Levels.Select(AnswerOf).ToList());
            return ExitStatus.Done;
        });
        return command;
    }

    /// <summary>The contract of DESIGN section 4.</summary>
    private static Answer AnswerOf(PublishedLevel level) =>
        new(
            level.Name,
            level.Title,
            [
                .. level.Rows.Select(row => new Row(
                    row.System,
                    Day(row.Published),
                    row.Compute,
                    row.Unit,
                    row.Convention.ToString(),
                    row.ReductionFactor,
                    row.RecomputedFactor,
                    row.RecomputedCompute,
                    row.EpochsFactor,
                    row.PerExampleFactor,
                    row.Growth,
                    row.Hours,
                    row.Flags,
                    row.Source
                )),
            ],
            level.DoublingTimeMonths,
            level.DoublingTimeMethod,
            level.PrintedDoublingTimeMonths,
            level.Notes
        );

    private static void Show(IReadOnlyList<PublishedLevel> levels)
    {
        foreach (var level in levels)
        {
            Console.Out.WriteLine($"{level.Name}: {level.Title}");
            var table = new TextTable(
                new("system"),
                new("published"),
                Column.Number(level.Rows[0].Unit),
                Column.Number("printed factor"),
                Column.Number("recomputed"),
                new("source")
            );
            foreach (var row in level.Rows)
            {
                var compute = Compute(row.Compute);
                table.Add(
                    row.System,
                    Day(row.Published),
                    compute,
                    Printed(row.ReductionFactor),
                    Shown.Times(row.RecomputedFactor),
                    row.Source
                );
            }

            table.Write();
            foreach (var line in Lines(level))
                Console.Out.WriteLine(line);
            Console.Out.WriteLine();
        }
    }

    private static IEnumerable<string> Lines(PublishedLevel level)
    {
        foreach (var convention in level.Rows.GroupBy(row => row.Convention.ToString()))
        {
            var systems = convention.Count() == level.Rows.Count ? "" : $": {string.Join(", ", convention.Select(row => row.System))}";
            yield return $"Counted by '{convention.Key}'{systems}.";
        }
        var printed = level.PrintedDoublingTimeMonths is { } months ? FormattableString.Invariant($"; printed {months}") : "";
        if (level.DoublingTimeMonths is { } doubling)
            yield return FormattableString.Invariant($"Doubling time {Shown.Months(doubling)} by {level.DoublingTimeMethod}{printed}.");
        // A factor says as much where there is one.
        if (level.Rows.Where(row => row is { RecomputedFactor: null, RecomputedCompute: not null }).ToList() is { Count: > 0 } recomputed)
            yield return $"From their own inputs, in {level.Rows[0].Unit}: "
                + $"{string.Join("; ", recomputed.Select(row => $"{row.System} {Compute(row.RecomputedCompute)}"))}.";
        foreach (var flag in level.Rows.SelectMany(row => row.Flags.Select(flag => (row.System, flag))).GroupBy(pair => pair.flag))
            yield return $"- {(flag.Count() > 3 ? $"{flag.Count()} rows" : string.Join(", ", flag.Select(pair => pair.System)))}: "
                + $"{flag.Key}";
        foreach (var note in level.Notes)
            yield return $"- {note}";
    }

    private static string Compute(double? compute) => Shown.Number(compute, compute >= 1000 ? "F0" : "G4");

    private static string Day(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>With the digits that were printed.</summary>
    private static string Printed(double? factor) =>
        factor is { } value ? value.ToString(CultureInfo.InvariantCulture) + "×" : Shown.Unknown;
}
