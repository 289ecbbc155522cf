using TrainHarness.Files;
using TrainHarness.Reports.Wording;
using TrainHarness.Results;
using TrainHarness.Training.Checkpoints;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Native;
using TrainHarness.Training.Workloads;
using DeviceType = TorchSharp.DeviceType;

namespace TrainHarness.Training.Running;

/// <summary>What the process of a trial holds while it trains: the lock of the trial's folder, and the checkpoints.</summary>
internal sealed class TrialSession : IDisposable
{
    private readonly TrialRequest request;
    private readonly ITrialHost host;
    private readonly TrainingPlan plan;
    private readonly IPreparedData data;
    private readonly TrialLock held;

    /// <exception cref="ConfigurationException">Another process trains it.</exception>
    public TrialSession(TrialRequest request, ITrialHost host, TrainingPlan plan, IPreparedData data)
    {
        (this.request, this.host, this.plan, this.data) = (request, host, plan, data);
        held = TrialLock.Take(request.Store.TrialFolder(request.Trial.Id));
    }

    public void Dispose()
    {
        host.Dispose();
        held.Dispose();
    }

    /// <summary>Says how it starts and ends, and stops it where the lock is lost.</summary>
    /// <param name="cancellation">Stops it on request.</param>
    public TrialRecord Run(Func<CancellationToken, TrialRecord> train, CancellationToken cancellation)
    {
        host.Started(plan);
        if (plan.Device.type == DeviceType.CUDA && !CudaGenerator.IsAvailable)
            host.Tell(
                "this libtorch does not show the GPU's random generator: after a stop, dropout on it draws other numbers than without one"
            );
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, held.Lost);
        try
        {
            var record = train(stop.Token);
            host.Ended(record);
            return record;
        }
        catch (OperationCanceledException) when (!held.Lost.IsCancellationRequested)
        {
            host.Stopped();
            throw;
        }
        catch (TargetAwaitedException)
        {
            host.Awaiting();
            throw;
        }
        catch (Exception error)
        {
            host.Failed(error);
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
            host.Tell,
            RequireAllAsItWas
        );

    /// <summary>What people must know of how it went.</summary>
    public void Tell(TrainingResult result, TrialClock clock)
    {
        if (result.Divergence is { } divergence)
            host.Tell($"diverged: {divergence} is not finite");
        if (clock.SuspendedSeconds is > 0 and var seconds)
            host.Tell($"was suspended for {Shown.Duration(seconds)}, which no clock of it counts");
    }

    /// <summary>Passes while this process holds the trial and nobody has written to its data.</summary>
    public void RequireAllAsItWas()
    {
        held.Require();
        data.RequireUnchanged();
    }
}
