using System.Globalization;
using System.Text;
using TrainHarness.GpuCheck.Checks;

namespace TrainHarness.GpuCheck;

/// <summary>All that was found on a machine.</summary>
/// <param name="Machine">Device, driver, libtorch, processor and system.</param>
/// <param name="Seconds">What each check took.</param>
internal sealed record GpuCheckReport(
    string Machine,
    DateTimeOffset Written,
    IReadOnlyList<CheckLine> Lines,
    IReadOnlyDictionary<string, double> Seconds,
    double TotalSeconds
)
{
    public bool HasFailed() => Lines.Any(line => line.Verdict == Verdict.Failed);

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine("# gpu-check");
        text.AppendLine();
        text.AppendLine(Machine);
        text.AppendLine();
        var seconds = Seconds.Select(check => string.Create(CultureInfo.InvariantCulture, $"{check.Key} {check.Value:F0}"));
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"{Count(Verdict.Passed)} passed, {Count(Verdict.Failed)} failed, {Count(Verdict.NotRun)} not run, "
                + $"{Count(Verdict.Measured)} figures without a limit, in {TotalSeconds:F0} s "
                + $"({string.Join(", ", seconds)})."
        );
        text.AppendLine();
        // What failed in the details belongs to the summary.
        Table(text, Lines.Where(line => !line.IsDetail || line.Verdict == Verdict.Failed));
        if (Lines.Any(line => line.IsDetail))
        {
            text.AppendLine();
            text.AppendLine("## One by one");
            text.AppendLine();
            Table(text, Lines.Where(line => line.IsDetail));
        }

        return text.ToString();
    }

    public static string Shown(Verdict verdict) =>
        verdict switch
        {
            Verdict.Passed => "passed",
            Verdict.Failed => "FAILED",
            Verdict.NotRun => "not run",
            _ => "measured",
        };

    private int Count(Verdict verdict) => Lines.Count(line => line.Verdict == verdict);

    private static void Table(StringBuilder text, IEnumerable<CheckLine> lines)
    {
        text.AppendLine("| check | of | result | figure | limit |");
        text.AppendLine("|---|---|---|---|---|");
        foreach (var line in lines)
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {line.Check} | {Cell(line.Subject)} | {Shown(line.Verdict)} | {Cell(line.Figure)} | {Cell(line.Limit)} |"
            );
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
