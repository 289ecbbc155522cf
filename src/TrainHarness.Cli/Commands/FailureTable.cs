using Spectre.Console;
using TrainHarness.Cli.Execution;
using TrainHarness.Results;

namespace TrainHarness.Cli.Commands;

/// <summary>On standard error, what failed of a study, why, and where to read more.</summary>
internal static class FailureTable
{
    public static void Show(IReadOnlyList<TrialFailure> failures, ResultStore store)
    {
        if (failures.Count == 0)
            return;
        var table = new Table().Border(TableBorder.Simple).AddColumns("failed", "why", "log");
        foreach (var failure in failures)
            table.AddRow(Markup.Escape(failure.Trial), Markup.Escape(failure.Reason), Markup.Escape(store.LogFile(failure.Trial)));
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        // A file has no width: every failure on a line of its own, however long.
        if (Console.IsErrorRedirected)
            console.Profile.Width = 60 + failures.Max(failure => failure.Trial.Length + failure.Reason.Length + store.LogFile(failure.Trial).Length);
        console.Write(table);
    }
}
