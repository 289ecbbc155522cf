using TorchSharp;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Running;
using TrainHarness.Training.Workloads;

namespace TrainHarness.Cli.Execution;

/// <summary>A trial of this program: its log.jsonl, and the lines that people, or a study run, watch.</summary>
internal sealed class LoggedTrial : ITrialHost
{
    private readonly TrialRequest request;
    private readonly TextWriter output;
    private readonly Lazy<TrialLog> log;

    public LoggedTrial(TrialRequest request, TextWriter output)
    {
        (this.request, this.output) = (request, output);
        // A trial that turns out to be done leaves its log alone.
        log = new Lazy<TrialLog>(() => new TrialLog(request.Store.LogFile(Id), line => output.WriteLine($"{Id}: {line}")));
    }

    public IProgress<TrainingProgress> Progress => new ProgressLines(Id, request.Study.Target.Metric, Log, output);

    public IProgress<PreparationProgress> Preparation => new PackingLines(DataNames.Of(request.Study), output);

    private string Id => request.Trial.Id;

    private Serilog.ILogger Log => log.Value.Lines;

    public void BeforeLoading(CancellationToken cancellation) => TrialChoices.Make(request, cancellation);

    public IReadOnlyList<string> NativePaths(TrainingPlan plan) =>
        [
            .. plan.Device.type != DeviceType.CUDA && WaitPolicy.OfThisProcess() is { } wait ? (string[])[wait] : [],
            .. MemoryAllocator.OfThisProcess() is { } allocator ? (string[])[allocator] : [],
        ];

    public void Started(TrainingPlan plan) =>
        Log.Information(
            "Trial {Trial} starts on {Device} with configuration {Configuration}",
            Id,
            plan.Device.ToString(),
            TrialFingerprint.Of(request.Study, request.Trial.Entry)
        );

    public void Tell(string line)
    {
        Log.Warning("Trial {Trial}: {Line}", Id, line);
        output.WriteLine($"{Id}: {line}");
    }

    public void Ended(TrialRecord record) =>
        Log.Information(
            "Trial {Trial} ends: {Outcome} after {Examples} examples and {TrainingMacs} training multiply-adds",
            Id,
            record.Outcome,
            record.Examples,
            record.Ledger.Training.ToString()
        );

    public void Stopped() => Log.Warning("Trial {Trial} was stopped on request", Id);

    public void Awaiting() => Log.Warning("Trial {Trial} has come to the end of its schedule before its target is known", Id);

    public void Failed(Exception reason) => Log.Error(reason, "Trial {Trial} failed", Id);

    public void Dispose()
    {
        if (log.IsValueCreated)
            log.Value.Dispose();
    }
}
