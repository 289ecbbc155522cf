using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Published;
using TrainHarness.Reports.Tables;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Reports.Sections;

/// <summary>Algorithms beside hardware and spending.</summary>
internal static class EffectiveComputeSection
{
    private static readonly string[] Names = ["hardware", "algorithms", "spending"];

    /// <summary>Null where the study has no resolved factor of a later network.</summary>
    public static IReadOnlyList<ReportPart>? Parts(StudySummary summary)
    {
        if (EffectiveCompute.Of(summary) is not { } own)
            return null;
        EffectiveCompute[] rows = [own, EffectiveCompute.Published];
        return
        [
            ReportPart.Of(
                "What a training run can do grows with hardware, algorithms and spending. Each is a factor of its own, with "
                    + "its own source; the product is effective compute. A dash: not known, and not in the product. Only the "
                    + "algorithms of this study "
                    + "have an interval, so that of its product leaves the rest as it was assumed."
            ),
            ReportPart.Of(Table(rows)),
            ReportPart.Of([.. rows.SelectMany(row => row.Parts.Select(part => $"{row.Title}, {part.Name}: {part.Source}."))]),
        ];
    }

    private static ReportTable Table(IReadOnlyList<EffectiveCompute> rows) =>
        new(
            "effective-compute",
            "Hardware × algorithms × spending",
            [
                new("growth", IsNumber: false),
                new("from", IsNumber: false),
                new("to", IsNumber: false),
                .. Names.Select(name => new Column(name)),
                new("effective compute"),
            ],
            [
                .. rows.Select(row =>
                    (IReadOnlyList<Cell>)
                        [
                            row.Title,
                            Shown.Date(row.From),
                            Shown.Date(row.To),
                            .. Names.Select(name =>
                                row.Parts.FirstOrDefault(part => part.Name == name) is { } part
                                    ? Factor(part.Factor, part.Low, part.High)
                                    : Shown.Unknown
                            ),
                            Factor(row.Factor, row.Low, row.High),
                        ]
                ),
            ]
        )
        {
            AllIn = "report --json",
        };

    private static Cell Factor(double factor, double? low, double? high) =>
        new(
            low is { } from && high is { } to
                ? $"{Shown.Times(factor)} ({SignificantDigits.Of(from)} to {SignificantDigits.Of(to)})"
                : Times(factor),
            factor
        );

    /// <summary>Millions too are written out: a power of ten is no word of a table of factors.</summary>
    private static string Times(double factor) =>
        factor < 1e5 ? Shown.Times(factor) : FormattableString.Invariant($"{Math.Round(factor):F0}×");
}
