using System.CommandLine;
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
        var study = new Command("study", "Plans, scans, runs or submits a study, or shows its state.");
        study.Subcommands.Add(PlanCommand.Create(workloads));
        study.Subcommands.Add(ScanCommand.Create(workloads));
        study.Subcommands.Add(Run(workloads));
        study.Subcommands.Add(StatusCommand.Create(workloads));
        study.Subcommands.Add(SubmitCommand.Create(workloads));
        study.Subcommands.Add(TaskCommand.Create(workloads));
        study.Subcommands.Add(CancelCommand.Create(workloads));
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
}
