namespace TrainHarness.Training.Engine;

/// <summary>A trial has come to its end before its target was known. It is judged when it runs again.</summary>
public sealed class TargetAwaitedException()
    : Exception("the schedule ended before the target was known; it is judged when the baseline has set that");
