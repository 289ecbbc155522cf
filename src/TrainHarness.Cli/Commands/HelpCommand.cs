using System.CommandLine;
using TrainHarness.Cli.Execution;
using TrainHarness.Training;

namespace TrainHarness.Cli.Commands;

/// <summary><c>help</c>: what <c>--help</c> prints, for those who look for it as a command.</summary>
internal static class HelpCommand
{
    public static Command Create(WorkloadCatalog workloads)
    {
        var words = new Argument<string[]>("COMMAND")
        {
            Description = "Command to explain, for example: study run; all of them where none is named.",
            Arity = ArgumentArity.ZeroOrMore,
            HelpName = "COMMAND",
            CompletionSources = { _ => CommandLine.Create(workloads).Subcommands.Select(command => command.Name) },
        };
        var command = new Command("help", "Explains a command, or lists all of them.\n\nExample: trainharness help study run") { words };
        command.SetAction(parsed => Show(workloads, parsed.GetValue(words) ?? []));
        return command;
    }

    /// <summary>Prints the help of a command.</summary>
    /// <param name="words">Its path: <c>study run</c>; empty for the whole program.</param>
    public static int Show(WorkloadCatalog workloads, IReadOnlyList<string> words)
    {
        var root = CommandLine.Create(workloads);
        CommandLine.RequireCommand(root, words);
        root.Parse([.. words, "--help"]).Invoke();
        return ExitStatus.Done;
    }
}
