namespace TrainHarness.Training.Engine;

/// <summary>The clock and the meter of training, which run together, and only while the network trains.</summary>
internal sealed class TrainingTime(PreparedTrial trial)
{
    private readonly LoopState state = trial.State;

    public void Start()
    {
        TrialPhases.Enter(TrialPhase.Training);
        state.TrainingClock.Start();
        state.Energy.Start();
    }

    public void Stop()
    {
        state.TrainingClock.Stop();
        state.Energy.Stop();
        // The device may have worked on, or waited, while the process was suspended.
        if (trial.Plan.Suspensions?.Seconds > 0)
            state.Energy.Forget();
    }

    /// <summary>Does something that is no training.</summary>
    public void Pause(TrialPhase phase, Action work)
    {
        Stop();
        TrialPhases.Enter(phase);
        work();
        Start();
    }
}
