using TrainHarness.Files;
using TrainHarness.Results;
using TrainHarness.Training.Checkpoints;
using TrainHarness.Training.Clocks;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Native;
using TrainHarness.Training.Workloads;

namespace TrainHarness.Training.Running;

/// <summary>One trial, in this process, from the study file to record.json.</summary>
public static class TrialRun
{
    /// <param name="host">Is closed when the trial ends, before another process may take the trial.</param>
    /// <returns>The record, also of a trial that was done before.</returns>
    /// <exception cref="ConfigurationException">
    /// The target is not set yet, or the request does not fit this machine or what is measured already.
    /// </exception>
    public static TrialRecord Run(TrialRequest request, ITrialHost host, CancellationToken cancellation)
    {
        TrialPhases.Enter(TrialPhase.StartUp);
        using var suspensions = new SuspensionWatch();
        var clock = new TrialClock(suspensions, request.PerDevice);
        var measured = new MeasuredTrial(request);
        if (measured.Finished() is { } done)
            return done;
        host.BeforeLoading(cancellation);
        TorchLibrary.Load();
        // A study run has done so before its first trial.
        if (request.VerifiedData is null)
            request.Workload.CheckOwn(request.Study);
        var plan = TrialPlan.Of(request, measured, suspensions);
        using var data = TrialData.Open(request, host, cancellation);
        measured.RequireData(data);
        request.Study.RequireMeaning(data.Metrics);
        using var session = new TrialSession(request, host, plan, data);
        // Another process may have finished it while this one was starting.
        return measured.Finished() ?? session.Run(stop => Train(plan, data, measured, session, host, clock, stop), cancellation);
    }

    private static TrialRecord Train(
        TrainingPlan plan,
        IPreparedData data,
        MeasuredTrial measured,
        TrialSession session,
        ITrialHost host,
        TrialClock clock,
        CancellationToken stop
    )
    {
        var result = TrainingLoop.Run(plan, data.Open, session.Checkpoints(clock), host.Progress, stop);
        session.Tell(result, clock);
        TrialPhases.Enter(TrialPhase.Record);
        var record = TrialRecords.Of(plan, data.RecordOf(plan.Settings), result, clock, host.NativePaths(plan));
        measured.RequireData(data);
        measured.Write(record, result.Evaluations, session.RequireAllAsItWas);
        return record;
    }
}
