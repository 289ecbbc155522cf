using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Reports.Wording;
using TrainHarness.Results;
using TrainHarness.Training.Checkpoints;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Native;
using TrainHarness.Training.Workloads;
using DeviceType = TorchSharp.DeviceType;

namespace TrainHarness.Cli.Execution;

/// <summary>What the process of a trial holds while it trains: the lock of the trial's folder, the log, and the checkpoints.</summary>
internal sealed class TrialSession : IDisposable
{
    private readonly TrialRequest request;
    private readonly TrainingPlan plan;
    private readonly IPreparedData data;
    private readonly TrialLock held;
    private readonly Lazy<TrialLog> log;

    /// <exception cref="ConfigurationException">Another process trains it.</exception>
    public TrialSession(TrialRequest request, TrainingPlan plan, IPreparedData data)
    {
        (this.request, this.plan, this.data) = (request, plan, data);
        held = TrialLock.Take(request.Store.TrialFolder(request.Trial.Id));
        // A trial that turns out to be done leaves its log alone.
        log = new Lazy<TrialLog>(() => new TrialLog(request.Store.LogFile(Id), line => request.Output.WriteLine($"{Id}: {line}")));
    }

    public IProgress<TrainingProgress> Progress => new ProgressLines(Id, request.Study.Target.Metric, Log, request.Output);

    private string Id => request.Trial.Id;

    private Serilog.ILogger Log => log.Value.Lines;

    public void Dispose()
    {
        if (log.IsValueCreated)
            log.Value.Dispose();
        held.Dispose();
    }

    /// <summary>Logs how it starts and ends, and stops it where the lock is lost.</summary>
    /// <param name="cancellation">Stops it on request.</param>
    public TrialRecord Run(Func<CancellationToken, TrialRecord> train, CancellationToken cancellation)
    {
        Log.Information(
            "Trial {Trial} starts on {Device} with configuration {Configuration}",
            Id,
            plan.Device.ToString(),
            TrialFingerprint.Of(request.Study, request.Trial.Entry)
        );
        if (plan.Device.type == DeviceType.CUDA && !CudaGenerator.IsAvailable)
            Tell(
                "this libtorch does not show the GPU's random generator: after a stop, dropout on it draws other numbers than without one"
            );
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, held.Lost);
        try
        {
            var record = train(stop.Token);
            Log.Information(
                "Trial {Trial} ends: {Outcome} after {Examples} examples and {TrainingMacs} training multiply-adds",
                Id,
                record.Outcome,
                record.Examples,
                record.Ledger.Training.ToString()
            );
            return record;
        }
        catch (OperationCanceledException) when (!held.Lost.IsCancellationRequested)
        {
            Log.Warning("Trial {Trial} was stopped on request", Id);
            throw;
        }
        catch (TargetAwaitedException)
        {
            Log.Warning("Trial {Trial} has come to the end of its schedule before its target is known", Id);
            throw;
        }
        catch (Exception error)
        {
            Log.Error(error, "Trial {Trial} failed", Id);
            // Who has taken the trial over has removed what was not in its place yet.
            if (error is OperationCanceledException or FileNotFoundException)
                held.Require();
            throw;
        }
    }

    /// <param name="clock">Of the trial.</param>
    public TrialCheckpoints Checkpoints(TrialClock clock) =>
        new(
            request.Store,
            TrialRecords.Origin(plan, data.Record.PackSha256),
            TimeSpan.FromMinutes(request.Study.CheckpointEveryMinutes),
            clock,
            Tell,
            RequireAllAsItWas
        );

    /// <summary>What people must know of how it went.</summary>
    public void Tell(TrainingResult result, TrialClock clock)
    {
        if (result.Divergence is { } divergence)
            Tell($"diverged: {divergence} is not finite");
        if (clock.SuspendedSeconds is > 0 and var seconds)
            Tell($"was suspended for {Shown.Duration(seconds)}, which no clock of it counts");
    }

    /// <summary>Passes while this process holds the trial and nobody has written to its data.</summary>
    public void RequireAllAsItWas()
    {
        held.Require();
        data.RequireUnchanged();
    }

    private void Tell(string line)
    {
        Log.Warning("Trial {Trial}: {Line}", Id, line);
        request.Output.WriteLine($"{Id}: {line}");
    }
}
