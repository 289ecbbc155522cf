namespace TrainHarness.Cli.Execution;

/// <summary>What the program tells a script.</summary>
internal static class ExitStatus
{
    public const int Done = 0;

    public const int Failed = 1;

    /// <summary>Bad usage or configuration, found before anything is written.</summary>
    public const int BadUsage = 2;

    /// <summary>Stopped on request; run again to go on (EX_TEMPFAIL of sysexits.h).</summary>
    public const int Stopped = 75;

    /// <summary>A trial's to the process that runs its study: the schedule is over, and the target not known.</summary>
    public const int AwaitsTarget = 76;
}
