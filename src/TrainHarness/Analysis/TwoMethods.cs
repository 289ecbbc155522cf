using TrainHarness.Compute;
using TrainHarness.Results;

namespace TrainHarness.Analysis;

/// <summary>
/// Training compute of one trial by both methods of AI and Compute (2018): counted, and by the time that its device took. Both count a
/// multiply-add as two operations and the backward pass as two forward passes.
/// </summary>
/// <param name="Trial">ENTRY/seed-N.</param>
/// <param name="Device">As its driver names it; null where nobody knows.</param>
/// <param name="CountedPetaflopDays">All that the trial trained, to its last step, as its seconds are.</param>
/// <param name="EstimatedPetaflopDays">
/// One device × seconds × peak × <see cref="DeviceTime.UsualUtilization"/>; null where <paramref name="Unknown"/> says why.
/// </param>
/// <param name="Utilization">The part of the peak that the exact count used; null likewise.</param>
/// <param name="Unknown">Why there is no estimate, in a few words; null where there is one.</param>
public sealed record TwoMethods(
    string Trial,
    string? Device,
    Precision Precision,
    double CountedPetaflopDays,
    double? EstimatedPetaflopDays,
    double? Utilization,
    string? Unknown
)
{
    /// <summary>An estimate by time is meant to be right to within a factor of two or three.</summary>
    public const double MaxRatio = 3;

    /// <summary>Counted ÷ estimated; null without an estimate.</summary>
    public double? Ratio => CountedPetaflopDays / EstimatedPetaflopDays;

    /// <summary>Whether the two are further apart than an estimate may be.</summary>
    public bool Differs => Ratio is > MaxRatio or < 1 / MaxRatio;

    public static TwoMethods Of(TrialRecord record)
    {
        var (device, precision) = (record.Environment.DeviceName, record.Recipe.Precision);
        var counted = Flops.Training(record.Ledger, Convention.AiAndCompute).ToTeraflopDays() / 1000;
        var peak = device is null ? null : DevicePeaks.Find(device, precision);
        var unknown =
            !record.Clocks.IsItsOwn ? "trials shared a device"
            : device is null ? "an unknown device"
            : peak is null ? $"no peak of {device} in {precision.ToString().ToLowerInvariant()} is known"
            : record.Clocks.TrainingSeconds > 0 ? null
            : "no time was measured";
        if (unknown is not null)
            return new TwoMethods(record.Id, device, precision, counted, null, null, unknown);
        var time = new DeviceTime(peak!.Value, 1, record.Clocks.TrainingSeconds / 3600);
        var estimated = time.At(DeviceTime.UsualUtilization).ToTeraflopDays() / 1000;
        return new TwoMethods(record.Id, device, precision, counted, estimated, time.UtilizationBy(record.Ledger.Training), null);
    }
}
