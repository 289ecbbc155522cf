using System.CommandLine;
using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Reports;
using TrainHarness.Reports.Wording;
using TrainHarness.Results;
using TrainHarness.Training;

namespace TrainHarness.Cli.Commands;

/// <summary><c>study scan FILE</c>: tries every entry of a study with every learning rate of its grid.</summary>
internal static class ScanCommand
{
    private sealed record Answer(string Scan, string ScanOf, string Metric, IReadOnlyList<Row> Entries, Macs TrainingMacs);

    private sealed record Row(string Entry, IReadOnlyList<ScannedRate> Rates, double? Best, bool AtEdge);

    public static Command Create(WorkloadCatalog workloads)
    {
        var options = new RunOptions();
        var command = new Command(
            "scan",
            "Tries every entry of a study with every learning rate of its 'scan:' grid, and says which was best.\n\nExample: "
                + "trainharness study scan imagenette-96-cpu --data imagenette2-160.tgz"
        )
        {
            options.File,
            options.Trial,
            options.Device,
            options.Data,
            options.Results,
            options.Parallel,
            options.PerDevice,
            options.Json,
        };
        command.SetAction(
            (parsed, cancellation) =>
            {
                var (request, json) = (options.Request(parsed, "scan"), parsed.GetValue(options.Json));
                var study = StudyReader.Read(request.File, workloads.Vocabularies);
                if (study.Scan is null)
                    throw new ConfigurationException(
                        $"{request.File}: the study has no 'scan'; allowed: scan: {{ learningRates: [0.005, 0.01, 0.02] }}, and with "
                            + $"it epochs and trainFraction."
                    );
                var scan = LearningRateScan.Of(study);
                return parsed.GetValue(options.Trial) is { } trial
                    ? Task.FromResult(RunOptions.RunTrial(workloads.Of(scan), scan, trial, request, json, cancellation))
                    : RunOptions.RunAll(workloads.Of(scan), scan, request, json, store => Report(store, json), cancellation);
            }
        );
        return command;
    }

    public static void Show(ScanReport report, ResultStore store, bool json)
    {
        var summary = report.Summary;
        if (json)
        {
            CommonOptions.WriteJson(
                new Answer(
                    summary.Scan,
                    summary.ScanOf,
                    summary.Metric.Name,
                    [.. summary.Entries.Select(entry => new Row(entry.Entry, entry.Rates, entry.Best, entry.IsAtEdge))],
                    summary.TrainingMacs
                )
            );
            return;
        }

        foreach (var line in report.Lines())
            Console.Out.WriteLine(line);
        Console.Out.WriteLine(
            $"All trials together: {Shown.Macs(summary.TrainingMacs)} training multiply-adds. Report: "
                + $"{Path.Combine(store.Folder, "report.md")}"
        );
    }

    private static void Report(ResultStore store, bool json)
    {
        var report = ScanReport.TryRead(store)!;
        report.Write(store);
        Show(report, store, json);
    }
}
