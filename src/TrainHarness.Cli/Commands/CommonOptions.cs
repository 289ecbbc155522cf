using System.CommandLine;
using TrainHarness.Results;

namespace TrainHarness.Cli.Commands;

/// <summary>Options that several commands share, worded once.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json() => new("--json") { Description = "Write one JSON document to standard output, and nothing else there." };

    public static Option<string> Results() => new("--results")
    {
        Description = "Folder of all results.",
        HelpName = "DIR",
        DefaultValueFactory = _ => "results",
    };

    public static Option<string?> Data() => new("--data") { Description = "Where the dataset lies; overrides the dataset file.", HelpName = "PATH" };

    // Not by WriteLine, which wraps what people read.
    public static void WriteJson<T>(T value) => Console.Out.Write(ResultsJson.Write(value) + Environment.NewLine);
}
