namespace TrainHarness.Cli.Execution;

/// <summary>How the process of a trial ended that was not done.</summary>
/// <param name="Reason">For people.</param>
/// <param name="IsCrash">It crashed in native code; nothing says that it would do so again.</param>
internal sealed record ProcessEnd(string Reason, bool IsCrash)
{
    /// <summary>The schedule is over, and the trial cannot be judged before its target is known.</summary>
    public static ProcessEnd AwaitsTarget { get; } = new("waits for its target", IsCrash: false);
}
