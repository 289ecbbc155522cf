namespace TrainHarness.Training.Engine;

/// <summary>Where a trial is evaluated: at the first step at or past every so many examples, and at the end of the schedule.</summary>
/// <param name="LastStep">Steps of the whole schedule.</param>
public sealed record EvaluationPoints(int EveryExamples, long LastStep)
{
    /// <param name="examplesBefore">Seen before the step.</param>
    /// <param name="examples">Seen with it.</param>
    /// <param name="step">Steps taken with it.</param>
    public bool Contain(long examplesBefore, long examples, long step) =>
        examples / EveryExamples > examplesBefore / EveryExamples || step == LastStep;
}
