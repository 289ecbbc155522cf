using System.CommandLine;
using TrainHarness.Cli.Execution;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training;

namespace TrainHarness.Cli.Commands;

/// <summary><c>new architecture NAME</c>: a network to start from, and a study of it.</summary>
internal static class NewCommand
{
    private sealed record Answer(string Architecture, string Workload, string Code, string Study);

    public static Command Create(WorkloadCatalog workloads)
    {
        var command = new Command("new", "Writes files to start from.");
        command.Subcommands.Add(Architecture(workloads));
        return command;
    }

    private static Command Architecture(WorkloadCatalog workloads)
    {
        var name = new Argument<string>("NAME")
        {
            Description = "Name of the network: letters and digits, starting with a capital: MyNet.",
        };
        var workload = new Option<string>("--workload")
        {
            Description = "The kind of problem that it is for, as studies name it.",
            HelpName = "NAME",
            DefaultValueFactory = _ => StudyVocabulary.Unnamed,
            CompletionSources = { _ => Known(workloads) },
        };
        var json = CommonOptions.Json();
        var command = new Command(
            "architecture",
            "Writes NAME.cs, a network that works, and NAME.yaml, a study of it against an older one.\n\nExample: "
                + "trainharness new architecture MyNet"
        )
        {
            name,
            workload,
            json,
        };
        command.SetAction(parsed => Run(parsed.GetValue(name)!, parsed.GetValue(workload)!, Known(workloads), parsed.GetValue(json)));
        return command;
    }

    private static IEnumerable<string> Known(WorkloadCatalog workloads) =>
        workloads.Vocabularies.Select(vocabulary => vocabulary.Workload).Where(workload => Template.Exists(Code(workload)));

    private static int Run(string name, string workload, IEnumerable<string> workloads, bool json)
    {
        List<string> known = [.. workloads];
        if (!known.Contains(workload))
            throw new ConfigurationException($"--workload: unknown workload '{workload}'; {NearNames.Allowed(workload, known)}");
        if (name.Length > 100 || !char.IsAsciiLetterUpper(name.FirstOrDefault()) || !name.All(char.IsAsciiLetterOrDigit))
            throw new ConfigurationException(
                $"NAME: '{name}' cannot name a class here; allowed: up to 100 letters and digits, the first a capital: MyNet."
            );
        string[] files = [$"{name}.cs", $"{name}.yaml"];
        if (Array.Find(files, Path.Exists) is { } taken)
            throw new ConfigurationException($"NAME: {taken} is there already; allowed: another name, or another folder.");
        AtomicFile.Write(files[0], Named(Code(workload), name));
        AtomicFile.Write(files[1], Named($"{workload}.yaml", name));
        if (json)
        {
            CommonOptions.WriteJson(new Answer(name, workload, Path.GetFullPath(files[0]), Path.GetFullPath(files[1])));
            return ExitStatus.Done;
        }

        var sizes = workload == StudyVocabulary.Unnamed ? "" : $" --study ./{files[1]}";
        Console.Out.WriteLine($"Wrote {files[0]} and {files[1]}. What it costs: trainharness flops ./{files[0]}{sizes} --layers");
        Console.Out.WriteLine($"Its factor against an older one: trainharness study run ./{files[1]}");
        return ExitStatus.Done;
    }

    private static string Code(string workload) => $"{workload}.cs.txt";

    private static string Named(string template, string name) => Template.Read(template).Replace("NAME", name, StringComparison.Ordinal);
}
