using System.CommandLine;
using TrainHarness.Cli.Execution;

namespace TrainHarness.Cli.Commands;

/// <summary><c>doctor</c>: what works on this machine, what does not, and what to do.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var results = CommonOptions.Results();
        var json = CommonOptions.Json();
        var command = new Command(
            "doctor",
            "Says what works on this machine, what does not, and what to do. Exit status 1 where a study would fail.\n\nExample: "
                + "trainharness doctor"
        )
        {
            results,
            json,
        };
        command.SetAction(parsed => Run(parsed.GetValue(results)!, parsed.GetValue(json)));
        return command;
    }

    private static int Run(string resultsFolder, bool json)
    {
        var findings = Diagnosis.Run(resultsFolder).ToList();
        if (json)
            CommonOptions.WriteJson(findings);
        else
            Show(findings);
        return findings.Exists(finding => finding.Health == Health.Broken) ? ExitStatus.Failed : ExitStatus.Done;
    }

    private static void Show(List<Finding> findings)
    {
        var width = findings.Max(finding => finding.What.Length);
        foreach (var finding in findings)
        {
            Console.Out.WriteLine($"{finding.Health.ToString().ToLowerInvariant(), -7}  {finding.What.PadRight(width)}  {finding.Found}");
            if (finding.Advice is { } advice)
                Console.Out.WriteLine($"{"", -7}  {"".PadRight(width)}  To do: {advice}");
        }

        Console.Out.WriteLine();
        Console.Out.WriteLine(Verdict(findings));
    }

    // The one line that a reader in a hurry looks for.
    private static string Verdict(List<Finding> findings)
    {
        var broken = findings.Where(finding => finding.Health == Health.Broken).Select(finding => finding.What).ToList();
        if (broken.Count > 0)
            return $"Studies run here: no, because of what is broken: {string.Join(", ", broken)}.";
        var device = findings.First(finding => finding.What == "device");
        return $"Studies run here: yes, on {(device.Health == Health.Limited ? "the CPU alone" : device.Found)}.";
    }
}
