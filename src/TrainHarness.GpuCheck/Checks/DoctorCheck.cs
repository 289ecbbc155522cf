using System.Diagnostics;
using System.Text.Json;

namespace TrainHarness.GpuCheck.Checks;

/// <summary><c>trainharness doctor</c>: a finding that is broken fails.</summary>
internal static class DoctorCheck
{
    private const string Name = "doctor";

    public static Check Check { get; } = new(Name, "what the program itself says of the machine", 30, Run);

    private static IEnumerable<CheckLine> Run(CheckRequest request)
    {
        var program = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "trainharness.exe" : "trainharness");
        using var process = Process.Start(
            new ProcessStartInfo(program, ["doctor", "--json", "--results", request.Folder]) { RedirectStandardOutput = true }
        )!;
        using var findings = JsonDocument.Parse(process.StandardOutput.ReadToEnd());
        process.WaitForExit();
        foreach (var finding in findings.RootElement.EnumerateArray())
        {
            var (what, found) = (finding.GetProperty("what").GetString()!, finding.GetProperty("found").GetString()!);
            // Datasets that are not here are nobody's fault.
            if (what.StartsWith("data: ", StringComparison.Ordinal))
                continue;
            yield return finding.GetProperty("health").GetString() switch
            {
                "good" => CheckLine.Of(Name, what, passed: true, found, ""),
                "limited" => CheckLine.Measured(Name, what, $"{found}; to do: {finding.GetProperty("advice").GetString()}"),
                _ => CheckLine.Failed(Name, what, found),
            };
        }
    }
}
