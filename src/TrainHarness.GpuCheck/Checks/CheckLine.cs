namespace TrainHarness.GpuCheck.Checks;

/// <summary>What a check found.</summary>
internal enum Verdict
{
    Passed,

    /// <summary>A figure that has no limit.</summary>
    Measured,

    /// <summary>The figure says why.</summary>
    NotRun,

    Failed,
}

/// <summary>One thing that was looked at.</summary>
/// <param name="Subject">What of the check it is: <c>resnet18, bf16</c>.</param>
/// <param name="Figure">For people; <paramref name="Values"/> has the numbers.</param>
/// <param name="Limit">Within which it passes; empty where there is none.</param>
/// <param name="IsDetail">Whether another line sums it up.</param>
internal sealed record CheckLine(
    string Check,
    string Subject,
    Verdict Verdict,
    string Figure,
    string Limit,
    IReadOnlyDictionary<string, double> Values,
    bool IsDetail = false
)
{
    public static CheckLine Of(string check, string subject, bool passed, string figure, string limit) =>
        new(check, subject, passed ? Verdict.Passed : Verdict.Failed, figure, limit, NoValues);

    public static CheckLine Measured(string check, string subject, string figure) =>
        new(check, subject, Verdict.Measured, figure, "", NoValues);

    public static CheckLine NotRun(string check, string subject, string why) => new(check, subject, Verdict.NotRun, why, "", NoValues);

    public static CheckLine Failed(string check, string subject, string why) => new(check, subject, Verdict.Failed, why, "", NoValues);

    private static IReadOnlyDictionary<string, double> NoValues => new Dictionary<string, double>();
}
