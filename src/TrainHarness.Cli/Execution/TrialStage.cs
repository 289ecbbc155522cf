namespace TrainHarness.Cli.Execution;

/// <summary>Where a trial of a running study is, in one word.</summary>
internal sealed record TrialStage(string Word, bool IsDone)
{
    public static TrialStage Pending { get; } = new("pending", IsDone: false);

    public static TrialStage Running { get; } = new("running", IsDone: false);

    public static TrialStage Failed { get; } = new("failed", IsDone: false);
}
