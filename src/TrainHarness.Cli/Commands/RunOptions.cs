using System.CommandLine;
using TrainHarness.Cli.Execution;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Running;
using TrainHarness.Training.Workloads;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

namespace TrainHarness.Cli.Commands;

/// <summary>What <c>study run</c>, <c>study scan</c> and <c>study plan</c> ask for alike.</summary>
internal sealed class RunOptions
{
    public Argument<string> File { get; } = CommonOptions.Study();

    public RunOptions() => Trial.CompletionSources.Add(context => Completions.Trials(context.ParseResult.GetValue(File)));

    public Option<string?> Trial { get; } =
        new("--trial") { Description = "Run this trial only, in this process: ENTRY/seed-N.", HelpName = "ID" };

    public Option<string> Device { get; } =
        new("--device")
        {
            Description = "auto, cpu, cuda or cuda:N.",
            HelpName = "NAME",
            DefaultValueFactory = _ => "auto",
            CompletionSources = { "auto", "cpu", "cuda" },
        };

    public Option<string?> Data { get; } = CommonOptions.Data();

    public Option<string> Results { get; } = CommonOptions.Results();

    public Option<int?> Parallel { get; } =
        new("--parallel") { Description = "Trials at a time: 1, or as many as --per-device.", HelpName = "N" };

    public Option<int> PerDevice { get; } =
        new("--per-device")
        {
            Description =
                "Trials that share one GPU, or the CPU's processors. Counts stay exact; their seconds and joules are in no factor.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };

    public Option<bool> Json { get; } = CommonOptions.Json();

    /// <exception cref="ConfigurationException">The study, or the data, is not there.</exception>
    public StudyRequest Request(ParseResult parsed, string verb) =>
        new(
            verb,
            StudyFile.Find(parsed.GetValue(File)!),
            parsed.GetValue(Device)!,
            NamedPlace.Data(parsed.GetValue(Data)),
            parsed.GetValue(Results)!,
            parsed.GetValue(Parallel) ?? parsed.GetValue(PerDevice),
            parsed.GetValue(PerDevice)
        );

    /// <summary>Runs one trial in this process.</summary>
    public static int RunTrial(
        IWorkload workload,
        Study study,
        string trialId,
        StudyRequest request,
        bool json,
        CancellationToken cancellation
    )
    {
        var trial = study.Trials.FirstOrDefault(trial => trial.Id == trialId)
            ?? throw new ConfigurationException(
                $"--trial: unknown trial '{trialId}'; "
                    + NearNames.Allowed(trialId, study.Trials.Select(trial => trial.Id), $"trainharness study status {request.File}")
            );
        var output = json ? Console.Error : Console.Out;
        var asked = TrialProcess.Request(workload, study, trial, StoreOf(study, request), request, DatasetPreparation.DefaultCacheFolder);
        var record = TrialRun.Run(asked, new LoggedTrial(asked, output), cancellation);
        if (json)
            CommonOptions.WriteJson(record);
        return ExitStatus.Done;
    }

    /// <summary>Runs all trials that are missing.</summary>
    /// <returns>What failed; said on standard error already.</returns>
    public static async Task<int> RunAll(
        IWorkload workload,
        Study study,
        StudyRequest request,
        bool json,
        Action<ResultStore> report,
        CancellationToken cancellation
    )
    {
        if (request.PerDevice is < 1 or > 64)
            throw new ConfigurationException($"--per-device: {request.PerDevice} is out of range; allowed: 1 to 64.");
        if (request.Parallel is < 1 or > 64)
            throw new ConfigurationException($"--parallel: {request.Parallel} is out of range; allowed: 1 to 64.");
        var store = StoreOf(study, request);
        var run = new StudyRun(workload, study, store, request);
        try
        {
            await run.Run(json ? Console.Error : Console.Out, cancellation);
            report(store);
        }
        finally
        {
            FailureTable.Show(run.Failures, store);
        }

        return run.Failures.Count == 0 ? ExitStatus.Done : ExitStatus.Failed;
    }

    private static ResultStore StoreOf(Study study, StudyRequest request) => new(Path.Combine(request.ResultsFolder, study.Name));
}
