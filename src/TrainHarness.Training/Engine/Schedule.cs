namespace TrainHarness.Training.Engine;

/// <summary>The steps of a trial's whole schedule, and the epochs that they are.</summary>
public sealed record Schedule(long Steps, int Epochs)
{
    /// <summary>Part of the schedule that is behind after so many steps, from 0 to 1.</summary>
    public double ProgressAt(long step) => (double)step / Steps;

    public double EpochAt(long step) => (double)(step * Epochs) / Steps;
}
