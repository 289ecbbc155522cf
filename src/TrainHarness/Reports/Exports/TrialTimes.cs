using TrainHarness.Results;

namespace TrainHarness.Reports.Exports;

/// <summary>
/// When things of a trial happened, for formats that ask. A record holds durations: what lay between two runs of a trial that was resumed
/// is left out.
/// </summary>
internal sealed class TrialTimes(TrialResult trial)
{
    private readonly ClockRecord clocks = trial.Record.Clocks;

    public DateTimeOffset Start => clocks.Started;

    /// <summary>Of the training clock's first second.</summary>
    public DateTimeOffset Training => clocks.Started.AddSeconds(clocks.StartUpSeconds);

    /// <summary>When the training clock stopped for an evaluation, counted from 0.</summary>
    public DateTimeOffset EvaluationStart(int index) => Training.AddSeconds(trial.Evaluations[index].Seconds + (index * PerEvaluation));

    public DateTimeOffset EvaluationEnd(int index) => EvaluationStart(index).AddSeconds(PerEvaluation);

    public DateTimeOffset End => Training.AddSeconds(clocks.TrainingSeconds + Evaluating);

    // A record has the sum.
    private double PerEvaluation => Evaluating / trial.Evaluations.Count;

    // Where it is not known the times are those of training alone.
    private double Evaluating => clocks.EvaluationSeconds ?? 0;
}
