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

    public static void WriteJson<T>(T value) => Console.Out.WriteLine(ResultsJson.Write(value));
}
