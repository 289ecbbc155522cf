using System.CommandLine;
using System.Globalization;
using TrainHarness.Analysis;
using TrainHarness.Cli.Execution;
using TrainHarness.Reports;
using TrainHarness.Reports.Wording;
using TrainHarness.Results;

namespace TrainHarness.Cli.Commands;

/// <summary><c>import PATH</c>: puts trials that other programs ran beside those of a study.</summary>
internal static class ImportCommand
{
    private sealed record Answer(string Study, int Imported, int AlreadyThere, IReadOnlyList<ImportedSummary> Entries);

    public static Command Create()
    {
        var path = new Argument<string>("PATH") { Description = "CSV file of trials, one row per evaluation, or a folder of such files." };
        var into = new Option<string>("--into")
        {
            Description = "Results folder of the study that they stand beside, or its name in results.",
            HelpName = "DIR",
            Required = true,
            CompletionSources = { _ => Completions.Results() },
        };
        var json = CommonOptions.Json();
        var command = new Command(
            "import",
            "Puts trials that other programs ran beside those of a study, marked as imported, and reports.\n\n"
                + "Example: trainharness import trials.csv --into quickstart"
        )
        {
            path,
            into,
            json,
        };
        command.SetAction(parsed =>
        {
            var store = new ResultStore(NamedPlace.Results(parsed.GetValue(into)!));
            return Run(parsed.GetValue(path)!, store, parsed.GetValue(json));
        });
        return command;
    }

    private static int Run(string path, ResultStore store, bool json)
    {
        var trials = ImportedTrials.ReadFrom(path);
        // Refused before anything is written where no study lies there.
        _ = StudyReport.Read(store);
        var written = ImportedTrials.Write(store, trials);
        var report = StudyReport.Read(store);
        report.Write(store);
        List<ImportedSummary> entries = [.. report.Analysed.Imported.Where(entry => trials.Any(trial => trial.Entry == entry.Entry))];
        if (json)
        {
            CommonOptions.WriteJson(new Answer(report.Analysed.Study.Name, written, trials.Count - written, entries));
            return ExitStatus.Done;
        }

        var there = trials.Count - written;
        Console.Out.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Imported {written} of {trials.Count} trials{(there == 0 ? "" : $"; {there} were there already")}."
            )
        );
        foreach (var entry in entries)
            Console.Out.WriteLine($"{entry.Entry}: {Found(entry)}");
        Console.Out.WriteLine($"Report: {Path.Combine(store.Folder, "report.md")} and {Path.Combine(store.Folder, "report.html")}");
        return ExitStatus.Done;
    }

    private static string Found(ImportedSummary entry) =>
        entry.Factor is { } factor
            ? $"a reduction factor of {Shown.Factor(factor)} against {entry.DividedBy}, by the convention {entry.Convention}"
            : $"no factor: {entry.WhyNone}";
}
