using TrainHarness.Files;
using TrainHarness.Results;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads;

namespace TrainHarness.Training.Running;

/// <summary>A trial beside what is measured already: whether it may start, towards what, and whether it is done.</summary>
internal sealed class MeasuredTrial
{
    private readonly TrialRequest request;
    private readonly MeasuredStudy study;

    /// <exception cref="ConfigurationException">Another protocol measured what lies there, or the target is not set yet.</exception>
    public MeasuredTrial(TrialRequest request)
    {
        this.request = request;
        study = new MeasuredStudy(request.Study, request.Store);
        study.RequireProtocol();
        var threshold = study.Threshold();
        if (request.Study.RunsWithoutTarget(request.Trial.Entry))
            return;
        Threshold = threshold;
        if (threshold is not null)
            return;
        // Who runs the whole study sees to it that the target comes.
        AwaitedThreshold = request.VerifiedData is null ? throw NoTarget() : study.Threshold;
    }

    /// <summary>
    /// Null for a trial that sets the target: it runs its whole schedule, also when it is added after the target was frozen.
    /// </summary>
    public double? Threshold { get; }

    /// <summary>See <see cref="TrainingPlan.AwaitedThreshold"/>.</summary>
    public Func<double?>? AwaitedThreshold { get; }

    /// <summary>Null where it has still to run.</summary>
    public TrialRecord? Finished()
    {
        if (study.Finished(request.Trial) is not { } finished)
            return null;
        // A kill between the record and this leaves them.
        request.Store.RemoveCheckpoints(request.Trial.Id);
        return finished.Record;
    }

    /// <exception cref="ConfigurationException">Its study was measured on other data.</exception>
    public void RequireData(IPreparedData data) => study.RequireDataOfTheFirst(data.Record.PackSha256);

    /// <summary>Writes the record, and the study with what is known of its target now.</summary>
    /// <param name="beforeRename">Runs before a file takes its place; what it throws keeps it from doing so.</param>
    public void Write(TrialRecord record, IReadOnlyList<Evaluation> evaluations, Action beforeRename)
    {
        request.Store.Write(record, evaluations, beforeRename);
        request.Store.RemoveCheckpoints(record.Id);
        study.WriteStudy();
    }

    private ConfigurationException NoTarget() =>
        new(
            $"--trial: '{request.Trial.Id}' cannot start before every seed of the baseline {request.Study.Baseline.Name} has run and "
                + $"so set the target; "
                + "run those first."
        );
}
