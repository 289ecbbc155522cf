using System.CommandLine;
using TrainHarness.Cli.Execution;
using TrainHarness.Protocol;
using TrainHarness.Reports;
using TrainHarness.Results;
using TrainHarness.Training;

namespace TrainHarness.Cli.Commands;

/// <summary><c>study</c>: plans a study, scans its learning rates, runs it, and says how far it is.</summary>
internal static class StudyCommand
{
    public static Command Create(WorkloadCatalog workloads)
    {
        var study = new Command("study", "Plans, scans or runs a study, or says how far it is.");
        study.Subcommands.Add(PlanCommand.Create(workloads));
        study.Subcommands.Add(ScanCommand.Create(workloads));
        study.Subcommands.Add(Run(workloads));
        study.Subcommands.Add(Status(workloads));
        return study;
    }

    private static Command Run(WorkloadCatalog workloads)
    {
        var options = new RunOptions();
        var command = new Command(
            "run",
            "Runs the trials of a study that are missing, the baseline first, and reports.\n\nExample: trainharness study run quickstart"
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
                var (request, json) = (options.Request(parsed, "run"), parsed.GetValue(options.Json));
                var study = StudyReader.Read(request.File, workloads.Vocabularies);
                return parsed.GetValue(options.Trial) is { } trial
                    ? Task.FromResult(RunOptions.RunTrial(workloads.Of(study), study, trial, request, json, cancellation))
                    : RunOptions.RunAll(workloads.Of(study), study, request, json, store => Report(store, json), cancellation);
            }
        );
        return command;
    }

    private static void Report(ResultStore store, bool json)
    {
        var report = StudyReport.Read(store);
        report.Write(store);
        if (json)
            ReportCommand.WriteJson(report);
        else
            SummaryTable.Show(report, store);
    }

    private sealed record StatusAnswer(string Study, IReadOnlyList<StatusRow> Trials);

    private sealed record StatusRow(string Id, TrialState State);

    private static Command Status(WorkloadCatalog workloads)
    {
        var file = CommonOptions.Study();
        var results = CommonOptions.Results();
        var json = CommonOptions.Json();
        var command = new Command(
            "status",
            "Lists the trials of a study with their states: pending, running, checkpointed, reached, missed, diverged or "
                + "failed.\n\nExample: trainharness study status quickstart"
        )
        {
            file,
            results,
            json,
        };
        command.SetAction(parsed =>
        {
            var study = StudyReader.Read(StudyFile.Find(parsed.GetValue(file)!), workloads.Vocabularies);
            var store = new ResultStore(Path.Combine(parsed.GetValue(results)!, study.Name));
            var measured = new MeasuredStudy(study, store);
            var threshold = measured.Threshold();
            List<StatusRow> rows =
            [
                .. study.Trials.Select(trial => new StatusRow(trial.Id, TrialStates.Of(trial, threshold, measured, store))),
            ];
            if (parsed.GetValue(json))
            {
                CommonOptions.WriteJson(new StatusAnswer(study.Name, rows));
                return ExitStatus.Done;
            }

            foreach (var row in rows)
                Console.Out.WriteLine($"{row.State.ToString().ToLowerInvariant(), -12} {row.Id}");
            return ExitStatus.Done;
        });
        return command;
    }
}
