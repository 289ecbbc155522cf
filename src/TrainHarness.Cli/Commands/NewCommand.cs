using System.CommandLine;
using TrainHarness.Cli.Execution;
using TrainHarness.Files;

namespace TrainHarness.Cli.Commands;

/// <summary><c>new architecture NAME</c>: a network to start from, and a study of it.</summary>
internal static class NewCommand
{
    private sealed record Answer(string Architecture, string Code, string Study);

    public static Command Create()
    {
        var command = new Command("new", "Writes files to start from.");
        command.Subcommands.Add(Architecture());
        return command;
    }

    private static Command Architecture()
    {
        var name = new Argument<string>("NAME") { Description = "Of the network: letters and digits, the first a capital: MyNet." };
        var json = CommonOptions.Json();
        var command = new Command(
            "architecture",
            "Writes NAME.cs, a network that works, and NAME.yaml, a study of it against AlexNet on drawn images.\n\nExample: "
                + "trainharness new architecture MyNet"
        )
        {
            name,
            json,
        };
        command.SetAction(parsed => Run(parsed.GetValue(name)!, parsed.GetValue(json)));
        return command;
    }

    private static int Run(string name, bool json)
    {
        if (name.Length > 100 || !char.IsAsciiLetterUpper(name.FirstOrDefault()) || !name.All(char.IsAsciiLetterOrDigit))
            throw new ConfigurationException(
                $"NAME: '{name}' cannot name a class here; allowed: up to 100 letters and digits, the first a capital: MyNet."
            );
        string[] files = [$"{name}.cs", $"{name}.yaml"];
        if (Array.Find(files, Path.Exists) is { } taken)
            throw new ConfigurationException($"NAME: {taken} is there already; allowed: another name, or another folder.");
        AtomicFile.Write(files[0], Named("Architecture.cs.txt", name));
        AtomicFile.Write(files[1], Named("Study.yaml", name));
        if (json)
        {
            CommonOptions.WriteJson(new Answer(name, Path.GetFullPath(files[0]), Path.GetFullPath(files[1])));
            return ExitStatus.Done;
        }

        Console.Out.WriteLine($"Wrote {files[0]} and {files[1]}. What it costs: trainharness flops ./{files[0]} --layers");
        Console.Out.WriteLine($"Its factor against AlexNet: trainharness study run ./{files[1]}");
        return ExitStatus.Done;
    }

    private static string Named(string template, string name) => Template.Read(template).Replace("NAME", name, StringComparison.Ordinal);
}
