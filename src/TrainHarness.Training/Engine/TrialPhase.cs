namespace TrainHarness.Training.Engine;

/// <summary>What the process of a trial is doing.</summary>
public enum TrialPhase
{
    StartUp,
    Training,
    Evaluation,
    Checkpoint,
    Record,
}

/// <summary>Announces on standard error what the process of a trial begins to do, for whoever means to interrupt it just there.</summary>
public static class TrialPhases
{
    /// <summary>Set to anything, it has each phase announced.</summary>
    public const string Variable = "TRAINHARNESS_PHASES";

    /// <summary>Begins the line of an announcement.</summary>
    public const string Mark = "phase: ";

    private static readonly bool IsAnnounced = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 };

    public static void Enter(TrialPhase phase)
    {
        if (IsAnnounced)
            Console.Error.WriteLine($"{Mark}{phase}");
    }
}
