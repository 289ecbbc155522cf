namespace TrainHarness.Training.Engine;

/// <summary>The batches of a trial.</summary>
public interface IBatchSource
{
    /// <summary>In the whole schedule.</summary>
    long Steps { get; }

    /// <summary>
    /// The batches from a step to the end of the schedule, one for each step. Which they are depends on the trial's seed, on the step, and
    /// on what the task saves (<see cref="TrainingTask.SavedStates"/>); on nothing else, or a trial that goes on from a checkpoint would be
    /// another one. May read ahead.
    /// </summary>
    /// <param name="first">Number of the first step; the schedule begins with step 0.</param>
    IEnumerable<IBatch> From(long first);
}
