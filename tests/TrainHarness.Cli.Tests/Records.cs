using TrainHarness.Results;

namespace TrainHarness.Cli.Tests;

internal static class Records
{
    /// <summary>A finished trial but for what is never the same twice: its seconds, its joules, and when it ran.</summary>
    public static string Comparable(ResultStore store, string trial)
    {
        var (record, evaluations) = (store.Read(trial)!.Record, store.Read(trial)!.Evaluations);
        return ResultsJson.Write(
            new
            {
                Record = record with
                {
                    Clocks = new ClockRecord(0, 0, 0, default, default),
                    Joules = null,
                    Crossing = record.Crossing is { } crossing ? crossing with { Seconds = 0 } : null,
                    EvaluationsSha256 = "",
                },
                Evaluations = evaluations.Select(evaluation => evaluation with { Seconds = 0, Joules = null }),
            }
        );
    }
}
