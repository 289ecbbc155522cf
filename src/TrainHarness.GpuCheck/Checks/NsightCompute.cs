using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace TrainHarness.GpuCheck.Checks;

/// <summary>NVIDIA's profiler of kernels, <c>ncu</c>, which reads the counters of the hardware.</summary>
internal static class NsightCompute
{
    // Where CUDA puts it when it is not on the path.
    private static readonly string[] Places = ["ncu", "/usr/local/cuda/bin/ncu", "/opt/nvidia/nsight-compute/ncu"];

    /// <summary>The program's path; null where there is none.</summary>
    public static string? Find() => Places.FirstOrDefault(place => TryRun(place, ["--version"]) is { ExitCode: 0 });

    /// <summary>The counters that this program has for the GPU, by name.</summary>
    public static IReadOnlySet<string> Counters(string ncu)
    {
        var answer = TryRun(ncu, ["--query-metrics"]);
        return (answer?.Output ?? "")
            .Split('\n')
            .Select(line => line.Split(' ', 2)[0].Trim())
            .Where(name => name.Contains("__", StringComparison.Ordinal))
            .ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Each counter's sum over all kernels that ran between the calls of cudaProfilerStart and cudaProfilerStop.</summary>
    /// <param name="command">Program and arguments.</param>
    /// <exception cref="InvalidOperationException">The profiler could not count; the message is its own.</exception>
    public static IReadOnlyDictionary<string, double> Count(string ncu, IEnumerable<string> counters, IEnumerable<string> command)
    {
        var answer = TryRun(
            ncu,
            [
                "--csv",
                "--print-units",
                "base",
                "--profile-from-start",
                "off",
                "--metrics",
                string.Join(',', counters.Select(counter => $"{counter}.sum")),
                .. command,
            ]
        ) ?? throw new InvalidOperationException($"{ncu} does not start");
        var error = answer.Output.Split('\n').FirstOrDefault(line => line.StartsWith("==ERROR==", StringComparison.Ordinal));
        return error is null && answer.ExitCode == 0
            ? Sums(answer.Output)
            : throw new InvalidOperationException(error?[9..].Trim() ?? $"{ncu} ended with exit status {answer.ExitCode}");
    }

    /// <summary>
    /// Adds up the column "Metric Value" of a CSV by the column "Metric Name"; lines of other programs stand before and between.
    /// </summary>
    public static IReadOnlyDictionary<string, double> Sums(string csv)
    {
        var sums = new Dictionary<string, double>(StringComparer.Ordinal);
        var (name, value) = (-1, -1);
        foreach (var line in csv.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith('"')))
        {
            var cells = Cells(line);
            if (cells.IndexOf("Metric Name") is >= 0 and var column)
                (name, value) = (column, cells.IndexOf("Metric Value"));
            else if (
                name >= 0
                && value < cells.Count
                && double.TryParse(
                    cells[value].Replace(",", "", StringComparison.Ordinal),
                    NumberStyles.Float,
                    CultureInfo.InvariantCulture,
                    out var count
                )
            )
                sums[cells[name]] = sums.GetValueOrDefault(cells[name]) + count;
        }

        return sums;
    }

    // "a","b, with a comma","say ""c"""
    private static List<string> Cells(string line) =>
        [.. line.Trim('"').Split("\",\"").Select(cell => cell.Replace("\"\"", "\"", StringComparison.Ordinal))];

    private static (int ExitCode, string Output)? TryRun(string program, IEnumerable<string> arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
