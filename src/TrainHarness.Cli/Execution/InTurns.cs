using TrainHarness.Compute;
using TrainHarness.Training.Engine;

namespace TrainHarness.Cli.Execution;

/// <summary>
/// Measures several pieces of work in turns, so that what else the machine does strikes all of them: a busy spell makes all times longer
/// and puts none of them before another.
/// </summary>
internal static class InTurns
{
    public const int Rounds = 3;

    /// <summary>Every item once, then every item once more.</summary>
    /// <returns>What was measured, round by round.</returns>
    public static IReadOnlyList<IReadOnlyList<T>> Measure<TItem, T>(IReadOnlyList<TItem> items, Func<TItem, T> measure) =>
        [.. Enumerable.Range(0, Rounds).Select(_ => (IReadOnlyList<T>)[.. items.Select(measure)])];

    /// <summary>
    /// Seconds of each item. How the items compare is decided within each round and the median over the rounds taken; the level is the
    /// median round's.
    /// </summary>
    /// <param name="rounds">Each with one time for each item.</param>
    /// <param name="byProcessor">
    /// Compares the items by the processor time that they took: right where other processes take processors away.
    /// </param>
    public static IReadOnlyList<double> Seconds(IReadOnlyList<IReadOnlyList<TimedWork>> rounds, bool byProcessor)
    {
        var compares = byProcessor && rounds.All(round => round.All(work => work.ProcessorSeconds > 0));
        var level = Median(rounds.Select(round => Mean(round, work => work.Seconds)));
        double Compared(TimedWork work) => compares ? work.ProcessorSeconds : work.Seconds;
        return
        [
            .. Enumerable
                .Range(0, rounds[0].Count)
                .Select(item => level * Median(rounds.Select(round => Compared(round[item]) / Mean(round, Compared)))),
        ];
    }

    private static double Mean(IReadOnlyList<TimedWork> round, Func<TimedWork, double> time) => GeometricMean.Of([.. round.Select(time)]);

    private static double Median(IEnumerable<double> values)
    {
        double[] ordered = [.. values.Order()];
        return ordered[ordered.Length / 2];
    }
}
