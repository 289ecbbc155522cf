using System.CommandLine;
using System.CommandLine.Parsing;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training;

namespace TrainHarness.Cli.Commands;

/// <summary>All commands of the program. Scripts rely on their names and options: a test freezes them.</summary>
internal static class CommandLine
{
    private const string Name = "trainharness";

    /// <param name="workloads">What studies may be of.</param>
    public static RootCommand Create(WorkloadCatalog workloads)
    {
        var root = new RootCommand("Measures how much less compute a newer network needs to reach the same accuracy.");
        root.Subcommands.Add(StudyCommand.Create(workloads));
        root.Subcommands.Add(ReportCommand.Create());
        root.Subcommands.Add(ImportCommand.Create());
        root.Subcommands.Add(PublishedCommand.Create());
        root.Subcommands.Add(EstimateCommand.Create());
        root.Subcommands.Add(FlopsCommand.Create(workloads));
        root.Subcommands.Add(ScoreCommand.Create());
        root.Subcommands.Add(NewCommand.Create(workloads));
        root.Subcommands.Add(ArchitecturesCommand.Create(workloads));
        root.Subcommands.Add(RecipesCommand.Create());
        root.Subcommands.Add(DatasetsCommand.Create(workloads));
        root.Subcommands.Add(DoctorCommand.Create());
        root.Subcommands.Add(CompletionCommand.Create());
        root.Subcommands.Add(HelpCommand.Create(workloads));
        root.SetAction(_ => HelpCommand.Show(workloads, []));
        return root;
    }

    /// <summary>What is wrong with how the program was called, in one line that says what is allowed; null where nothing is.</summary>
    public static string? Problem(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var path = PathOf(parsed.CommandResult);
        // An unknown option may have been taken for an argument of the command.
        List<string> words = [.. parsed.CommandResult.Tokens.Select(token => token.Value), .. parsed.UnmatchedTokens];
        var isSeparated = parsed.Tokens.Any(token => token.Type == TokenType.DoubleDash);
        if (!isSeparated && words.Find(IsOption) is { } option)
        {
            var allowed = NearNames.Allowed(option, command.Options.Select(known => known.Name));
            return $"{path}: unknown option '{option}'; {allowed} Try: {path} --help";
        }

        if (parsed.Errors.Count == 0)
            return null;
        if (command.Subcommands.Count > 0 && words.Count > 0)
            return $"{Unknown(words[0], command, path)} Try: {path} --help";
        return command.Action is null
            ? $"{path}: which of its commands? allowed: {string.Join(", ", NamesIn(command))}. Try: {path} --help"
            : $"{string.Join(' ', parsed.Errors.Select(error => error.Message))} Try: {path} --help";
    }

    /// <summary>Whether what a command does is in files, and its lines are only for people who watch.</summary>
    public static bool LeavesFiles(ParseResult parsed) =>
        parsed.CommandResult.Command is { Name: "run" or "scan" or "prepare" or "task" } command
        && !command.Options.OfType<Option<bool>>().Any(option => option.Name == "--json" && parsed.GetValue(option));

    private static bool IsOption(string word) =>
        word.StartsWith("--", StringComparison.Ordinal) || (word is ['-', var letter, ..] && char.IsAsciiLetter(letter));

    /// <exception cref="ConfigurationException">No command has this path.</exception>
    public static void RequireCommand(Command root, IReadOnlyList<string> words)
    {
        var (command, path) = (root, Name);
        foreach (var word in words)
        {
            command = command.Subcommands.FirstOrDefault(inner => inner.Name == word)
                ?? throw new ConfigurationException($"{Unknown(word, command, path)} Try: {Name} --help");
            path = $"{path} {word}";
        }
    }

    private static string Unknown(string word, Command command, string path) =>
        $"{path}: unknown command '{word}'; {NearNames.Allowed(word, NamesIn(command))}";

    private static IEnumerable<string> NamesIn(Command command) => command.Subcommands.Select(inner => inner.Name);

    private static string PathOf(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{PathOf(parent)} {command.Command.Name}" : Name;
}
