using System.Diagnostics;
using System.Globalization;
using TrainHarness.Files;
using TrainHarness.GpuCheck.Checks;
using TrainHarness.Results;

namespace TrainHarness.GpuCheck;

/// <summary>
/// One check after the other, within a time; the report is written anew after every line, so that a run that is killed leaves what it had.
/// </summary>
/// <param name="minutes">In all. Checks have their own shares of it.</param>
internal sealed class GpuCheckRun(string machine, string output, double minutes)
{
    // Less is not worth the start of a process.
    private const double MinSeconds = 5;

    /// <summary>What the shares of the checks are meant for.</summary>
    public const double UsualMinutes = 8;

    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly List<CheckLine> lines = [];
    private readonly Dictionary<string, double> seconds = [];

    /// <summary>As it was last written.</summary>
    public GpuCheckReport Report { get; private set; } = new(machine, DateTimeOffset.UtcNow, [], new Dictionary<string, double>(), 0);

    /// <exception cref="OperationCanceledException">Stopped on request; the report holds what there was.</exception>
    public async Task Run(IEnumerable<Check> checks, CheckRequest request, CancellationToken cancellation)
    {
        foreach (var check in checks)
        {
            var left = (minutes * 60) - clock.Elapsed.TotalSeconds;
            var start = clock.Elapsed.TotalSeconds;
            Console.Error.WriteLine($"{check.Name}: {check.What}");
            if (left < MinSeconds)
                Add(CheckLine.NotRun(check.Name, "", "no time left"));
            else
                await CheckProcess.Run(
                    check,
                    request with
                    {
                        Seconds = Math.Min(left, check.Seconds * minutes / UsualMinutes),
                    },
                    Add,
                    cancellation
                );
            cancellation.ThrowIfCancellationRequested();
            seconds[check.Name] = clock.Elapsed.TotalSeconds - start;
            Write();
        }
    }

    private void Add(CheckLine line)
    {
        lines.Add(line);
        Console.Error.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{clock.Elapsed.TotalSeconds, 5:F0} s  {GpuCheckReport.Shown(line.Verdict), -8}  {line.Check}  {line.Subject}  "
                    + $"{line.Figure}{(line.Limit.Length > 0 ? $"  ({line.Limit})" : "")}"
            )
        );
        Write();
    }

    private void Write()
    {
        Report = new(machine, DateTimeOffset.UtcNow, [.. lines], new Dictionary<string, double>(seconds), clock.Elapsed.TotalSeconds);
        AtomicFile.Write(Path.Combine(output, "gpu-check.json"), ResultsJson.Write(Report) + "\n");
        AtomicFile.Write(Path.Combine(output, "gpu-check.md"), Report.ToMarkdown());
    }
}
