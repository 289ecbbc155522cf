using TrainHarness.Cli.Execution;
using TrainHarness.Cli.Terminal;
using TrainHarness.Results;

namespace TrainHarness.Cli.Commands;

/// <summary>On standard error, what failed of a study, why, and where to read more.</summary>
internal static class FailureTable
{
    public static void Show(IReadOnlyList<TrialFailure> failures, ResultStore store)
    {
        if (failures.Count == 0)
            return;
        var table = new TextTable(new("failed"), new("why"), new("log"));
        foreach (var failure in failures)
            table.Add(failure.Trial, failure.Reason, store.LogFile(failure.Trial));
        table.Write(Console.Error, Screen.ErrorWidth);
    }
}
