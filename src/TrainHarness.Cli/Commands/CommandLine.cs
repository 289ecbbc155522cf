using System.CommandLine;
using System.CommandLine.Parsing;
using TrainHarness.Training.Workloads;

namespace TrainHarness.Cli.Commands;

/// <summary>All commands of the program. Scripts rely on their names and options: a test freezes them.</summary>
internal static class CommandLine
{
    /// <param name="workloads">What studies may be of.</param>
    public static RootCommand Create(WorkloadCatalog workloads)
    {
        var root = new RootCommand("Measures how much less compute a newer network needs to reach the same accuracy.");
        root.Subcommands.Add(StudyCommand.Create(workloads));
        root.Subcommands.Add(ReportCommand.Create());
        root.Subcommands.Add(PublishedCommand.Create());
        root.Subcommands.Add(EstimateCommand.Create());
        root.Subcommands.Add(FlopsCommand.Create());
        root.Subcommands.Add(ArchitecturesCommand.Create());
        root.Subcommands.Add(RecipesCommand.Create());
        root.Subcommands.Add(DatasetsCommand.Create(workloads));
        root.Subcommands.Add(DoctorCommand.Create());
        return root;
    }

    /// <summary>What is wrong with how the program was called, in one line that says what is allowed.</summary>
    public static string Problem(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var path = PathOf(parsed.CommandResult);
        var problem = command.Subcommands.Count == 0 || parsed.UnmatchedTokens is [['-', ..], ..]
            ? string.Join(' ', parsed.Errors.Select(error => error.Message))
            : $"{path}: {(parsed.UnmatchedTokens is [var word, ..] ? $"unknown command '{word}'" : "which of its commands?")}; allowed: {string.Join(", ", command.Subcommands.Select(inner => inner.Name))}.";
        return $"{problem} Try: {path} --help";
    }

    /// <summary>Whether what a command does is in files, and its lines are only for people who watch.</summary>
    public static bool LeavesFiles(ParseResult parsed) =>
        parsed.CommandResult.Command is { Name: "run" or "scan" or "prepare" } command
        && !command.Options.OfType<Option<bool>>().Any(option => option.Name == "--json" && parsed.GetValue(option));

    private static string PathOf(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{PathOf(parent)} {command.Command.Name}" : "trainharness";
}
