using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Reports.Tables;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Reports.Sections;

/// <summary>Counted compute beside compute by device time.</summary>
internal static class MethodSection
{
    private const int MaxTrials = 200;

    /// <summary>Null where no trial has an estimate by time: no peak of a processor is known.</summary>
    public static IReadOnlyList<ReportPart>? Parts(StudySummary summary)
    {
        if (summary.Methods.All(trial => trial.EstimatedPetaflopDays is null))
            return null;
        var unknown = summary.Methods.Select(trial => trial.Unknown).OfType<string>().Distinct().ToList();
        return
        [
            ReportPart.Of(
                "AI and Compute (2018) has two ways to say what a training run cost, and so has this table. Counted: "
                    + "multiply-adds of the forward passes × 2 × 3. By time: seconds of training × the peak of the device at the "
                    + "trial's precision × "
                    + FormattableString.Invariant(
                        $"{DeviceTime.UsualUtilization * 100:F0} %, which is what that text assumes of GPUs, and is "
                    )
                    + "right to within a factor of two or three. Utilization is the part of the peak that the exact count used. "
                    + "Here a whole trial counts, to its last step."
            ),
            ReportPart.Of(Table(summary.Methods)),
            .. unknown.Count > 0 ? (ReportPart[])[ReportPart.Of($"No estimate: {string.Join("; ", unknown)}.")] : [],
            ReportPart.Of([.. Peaks(summary.Methods)]),
        ];
    }

    private static ReportTable Table(IReadOnlyList<TwoMethods> trials) =>
        new(
            "two-methods",
            "Training compute by count and by device time",
            [
                new("trial", IsNumber: false),
                new("counted (petaflop/s-days)"),
                new("by time (petaflop/s-days)"),
                new("counted ÷ by time"),
                new("utilization"),
            ],
            [
                .. trials.Select(trial =>
                    (IReadOnlyList<Cell>)
                        [
                            trial.Trial,
                            Number(trial.CountedPetaflopDays),
                            Number(trial.EstimatedPetaflopDays),
                            Number(trial.Ratio),
                            new(Shown.Percent(trial.Utilization), trial.Utilization),
                        ]
                ),
            ]
        )
        {
            AllIn = "report --json",
            PageRows = MaxTrials,
        };

    private static Cell Number(double? value) => value is { } number ? new Cell(SignificantDigits.Of(number), number) : Shown.Unknown;

    private static IEnumerable<string> Peaks(IReadOnlyList<TwoMethods> trials) =>
        trials
            .Where(trial => trial.EstimatedPetaflopDays is not null)
            .Select(trial => (Device: DevicePeaks.Find(trial.Device!)!, trial.Precision))
            .Distinct()
            .Select(peak =>
                $"Peak of {peak.Device.Device} in {peak.Precision.ToString().ToLowerInvariant()}: "
                + $"{Shown.Rate(peak.Device.At(peak.Precision)!.Value)} ({peak.Device.Source})."
            );
}
