using System.CommandLine;
using TrainHarness.Results;

namespace TrainHarness.Cli.Commands;

/// <summary>Options that several commands share, worded once.</summary>
internal static class CommonOptions
{
    /// <summary>Where results lie unless --results says otherwise.</summary>
    public const string ResultsFolder = "results";

    public static Option<bool> Json() =>
        new("--json") { Description = "Write one JSON document to standard output, and nothing else there." };

    public static Option<string> Results() =>
        new("--results")
        {
            Description = "Folder of all results.",
            HelpName = "DIR",
            DefaultValueFactory = _ => ResultsFolder,
        };

    /// <summary>FILE of the commands on a study.</summary>
    public static Argument<string> Study() =>
        new("FILE")
        {
            Description = "Study file, or the name of a study that is in configs/studies or came with the program: quickstart.",
            HelpName = "FILE",
            CompletionSources = { _ => Completions.Studies() },
        };

    /// <summary>FILTER of a list.</summary>
    public static Argument<string?> Filter(string kind) =>
        new("FILTER")
        {
            Description = $"Only {kind} whose name holds this text, or fits this pattern of * and ?.",
            Arity = ArgumentArity.ZeroOrOne,
            HelpName = "FILTER",
            CompletionSources = { _ => Completions.Listed(kind) },
        };

    public static Option<string?> Data() =>
        new("--data") { Description = "Where the dataset lies; overrides the dataset file.", HelpName = "PATH" };

    // Not by WriteLine, which wraps what people read.
    public static void WriteJson<T>(T value) => Console.Out.Write(ResultsJson.Write(value) + Environment.NewLine);
}
