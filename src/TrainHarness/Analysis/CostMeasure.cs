using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Analysis;

/// <summary>What a trial is charged for.</summary>
public enum CostMeasure
{
    /// <summary>FLOPs by <see cref="Convention.Exact"/>.</summary>
    ExactFlops,

    /// <summary>FLOPs by <see cref="Convention.Paper"/>.</summary>
    PaperFlops,

    /// <summary>Training time.</summary>
    Seconds,

    /// <summary>Energy of training, as its meter counts it.</summary>
    Joules,

    /// <summary>Training time at the price of the device.</summary>
    Dollars,

    /// <summary>Training examples seen.</summary>
    Examples,
}

/// <summary>How a measure is read from the records.</summary>
internal static class CostMeasures
{
    /// <summary>What had been spent at an evaluation; null where that is not known.</summary>
    public static Amount? SpentAt(this CostMeasure measure, Evaluation evaluation, TrialRecord record, PriceList prices) => measure switch
    {
        CostMeasure.ExactFlops => Amount.Of(Flops.Training(evaluation.Ledger, Convention.Exact).Count),
        CostMeasure.PaperFlops => Amount.Of(Flops.Training(evaluation.Ledger, Convention.Paper).Count),
        CostMeasure.Seconds => record.Clocks.IsItsOwn ? new Amount(evaluation.Seconds) : null,
        CostMeasure.Joules => evaluation.Joules is { } joules ? new Amount(joules) : null,
        CostMeasure.Dollars => record.Clocks.IsItsOwn && prices.Find(record.Environment.DeviceName) is { } price
            ? new Amount(evaluation.Seconds / 3600 * price.DollarsPerHour)
            : null,
        CostMeasure.Examples => Amount.Of((UInt128)evaluation.Examples),
        _ => throw new ArgumentOutOfRangeException(nameof(measure), measure, null),
    };

    /// <summary>What a trial takes of a device that it shares with others is not told apart.</summary>
    public static bool NeedsOwnDevice(this CostMeasure measure) => measure is CostMeasure.Seconds or CostMeasure.Joules or CostMeasure.Dollars;

    /// <summary>Seconds and joules tell of the machine as much as of the network; dollars hold the machine in their price.</summary>
    public static bool NeedsOneMachine(this CostMeasure measure) => measure is CostMeasure.Seconds or CostMeasure.Joules;
}
