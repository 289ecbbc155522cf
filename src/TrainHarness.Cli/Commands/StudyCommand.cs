using System.CommandLine;
using TrainHarness.Cli.Execution;
using TrainHarness.Protocol;
using TrainHarness.Reports;
using TrainHarness.Results;
using TrainHarness.Training.Architectures;
using TrainHarness.Training.Engine;

namespace TrainHarness.Cli.Commands;

/// <summary><c>study</c>: runs a study, and says how far it is.</summary>
internal static class StudyCommand
{
    public static Command Create()
    {
        var study = new Command("study", "Runs a study, or says how far it is.");
        study.Subcommands.Add(Run());
        study.Subcommands.Add(Status());
        return study;
    }

    private static Command Run()
    {
        var file = new Argument<string>("FILE") { Description = "Study file, for example configs/studies/quickstart.yaml." };
        var trial = new Option<string?>("--trial") { Description = "Run this trial only, in this process: ENTRY/seed-N.", HelpName = "ID" };
        var device = new Option<string>("--device") { Description = "auto, cpu, cuda or cuda:N.", HelpName = "NAME", DefaultValueFactory = _ => "auto" };
        var data = new Option<string?>("--data") { Description = "Where the dataset lies; overrides the dataset file.", HelpName = "PATH" };
        var results = CommonOptions.Results();
        var parallel = new Option<int>("--parallel") { Description = "Trials at a time.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var json = CommonOptions.Json();
        var command = new Command(
            "run", "Runs the trials of a study that are missing, the baseline first, and reports.\n\nExample: trainharness study run configs/studies/quickstart.yaml")
        {
            file, trial, device, data, results, parallel, json,
        };
        command.SetAction((parsed, cancellation) => Run(
            new StudyRequest(
                parsed.GetValue(file)!, parsed.GetValue(device)!, parsed.GetValue(data), parsed.GetValue(results)!, parsed.GetValue(parallel)),
            parsed.GetValue(trial),
            parsed.GetValue(json),
            cancellation));
        return command;
    }

    private static async Task<int> Run(StudyRequest request, string? trialId, bool json, CancellationToken cancellation)
    {
        if (request.Parallel is < 1 or > 64)
            throw new ConfigurationException($"--parallel: {request.Parallel} is out of range; allowed: 1 to 64.");
        var study = StudyReader.Read(request.File, Workload());
        var store = new ResultStore(Path.Combine(request.ResultsFolder, study.Name));
        if (trialId is not null)
        {
            var record = TrialRun.Run(study, FindTrial(study, trialId), store, request, json ? Console.Error : Console.Out, cancellation);
            if (json)
                CommonOptions.WriteJson(record);
            return ExitStatus.Done;
        }

        var failures = await new StudyRun(study, store, request).Run(json ? Console.Error : Console.Out, cancellation);
        var report = StudyReport.Read(store);
        report.Write(store);
        if (json)
            ReportCommand.WriteJson(report);
        else
            SummaryTable.Show(report, store);
        foreach (var failure in failures)
            Console.Error.WriteLine($"{failure.Trial} failed: {failure.Reason} Log: {store.LogFile(failure.Trial)}");
        return failures.Count == 0 ? ExitStatus.Done : ExitStatus.Failed;
    }

    private sealed record StatusAnswer(string Study, IReadOnlyList<StatusRow> Trials);

    private sealed record StatusRow(string Id, TrialState State);

    private static Command Status()
    {
        var file = new Argument<string>("FILE") { Description = "Study file, for example configs/studies/quickstart.yaml." };
        var results = CommonOptions.Results();
        var json = CommonOptions.Json();
        var command = new Command(
            "status", "Lists the trials of a study with their states: pending, running, reached, missed, diverged or failed.\n\nExample: trainharness study status configs/studies/quickstart.yaml")
        {
            file, results, json,
        };
        command.SetAction(parsed =>
        {
            var study = StudyReader.Read(parsed.GetValue(file)!, Workload());
            var store = new ResultStore(Path.Combine(parsed.GetValue(results)!, study.Name));
            var measured = new MeasuredStudy(study, store);
            var threshold = measured.Threshold();
            List<StatusRow> rows = [.. study.Trials.Select(trial => new StatusRow(trial.Id, TrialStates.Of(trial, threshold, measured, store)))];
            if (parsed.GetValue(json))
            {
                CommonOptions.WriteJson(new StatusAnswer(study.Name, rows));
                return ExitStatus.Done;
            }

            foreach (var row in rows)
                Console.Out.WriteLine($"{row.State.ToString().ToLowerInvariant(),-9} {row.Id}");
            return ExitStatus.Done;
        });
        return command;
    }

    private static Workload Workload() => new(
        Evaluator.Metrics, ArchitectureCatalog.All.ToDictionary(architecture => architecture.Name, architecture => architecture.MinimumImageSize));

    private static Trial FindTrial(Study study, string id) => study.Trials.FirstOrDefault(trial => trial.Id == id)
        ?? throw new ConfigurationException($"--trial: unknown trial '{id}'; allowed: {string.Join(", ", study.Trials.Select(trial => trial.Id))}.");
}
