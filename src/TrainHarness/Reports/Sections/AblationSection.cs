using System.Globalization;
using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Reports.Charts;
using TrainHarness.Reports.Tables;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Reports.Sections;

/// <summary>Where the factor came from: architecture, recipe, data, and each change.</summary>
internal static class AblationSection
{
    /// <summary>Null for a study that names no changes, and before there is a target.</summary>
    public static IReadOnlyList<ReportPart>? Parts(StudySummary summary)
    {
        if (summary.Ablation is not { } ablation)
            return null;
        if (ablation.Shares.Count == 0)
            return [ReportPart.Of($"What each change gave cannot be said: {WhyNot(ablation)}")];
        return
        [
            ReportPart.Of(InWords(ablation)),
            ReportPart.Of(
                "A share is the mean, over orders in which the changes can be made, of the logarithm of what a change saves "
                    + $"(Shapley 1953); the shares multiply to the whole. {OrderOf(ablation)}{LeftOut(ablation)}"
            ),
            ReportPart.Of(Shares(ablation)),
            .. Together(ablation) is { } together ? (ReportPart[])[ReportPart.Of(together)] : [],
            .. ablation.Interactions.Count > 0 ? (ReportPart[])[ReportPart.Captioned(Interactions(ablation))] : [],
            .. ReportPart.Drawn(WaterfallChart.Of(ablation)),
        ];
    }

    private static string InWords(AblationSummary ablation)
    {
        var parts = ablation
            .Parts.Select(part =>
                $"the {PartWords.Of(part.Part)} gave {Factor(part.Share)}"
                + (part.PartOfWhole is { } whole ? $", {Percent(whole)} of its logarithm" : "")
            )
            .ToList();
        var all = parts.Count == 1 ? parts[0] : $"{string.Join("; ", parts[..^1])}; and {parts[^1]}";
        return $"From {ablation.From} to {ablation.To} the same level takes {Factor(ablation.Whole!)} less compute. Of that factor {all}.";
    }

    /// <summary>How much the shares depend on the order of the changes, in one sentence.</summary>
    private static string OrderOf(AblationSummary ablation) =>
        ablation switch
        {
            { IsComplete: true, Shares.Count: 1 } => "There is one change, so its share is the whole.",
            { IsComplete: true } => string.Create(
                CultureInfo.InvariantCulture,
                $"Here it is the mean over all {ablation.AllOrders} orders, so that the shares depend on none; "
            ) + "what a change saves on the way does, from min to max in the table.",
            { Orders: 1 } => string.Create(CultureInfo.InvariantCulture, $"Here one order of {ablation.AllOrders} was measured (")
                + $"{string.Join(", ", ablation.Shares.Select(share => share.Change))}), and in another one the shares would be others.",
            _ => string.Create(
                CultureInfo.InvariantCulture,
                $"Here it is the mean over the {ablation.Orders} of {ablation.AllOrders} orders that were measured, "
            ) + "and over others the shares would be others.",
        };

    private static string LeftOut(AblationSummary ablation) =>
        ablation.LeftOut.Count == 0
            ? ""
            : $" Orders over {string.Join(", ", ablation.LeftOut)} are left out: not every trial reached the target there, "
                + "or there is none yet.";

    private static string WhyNot(AblationSummary ablation) =>
        $"no order of the changes goes from {ablation.From} to {ablation.To} over entries that reached the target with every trial "
        + $"({string.Join(", ", ablation.LeftOut)} did not, or has no trial yet).";

    private static string? Together(AblationSummary ablation)
    {
        if (ablation is not { Singles: { } singles, Whole: { } whole })
            return null;
        var how = whole.Factor < singles ? "gains multiply to less than their parts" : "together they give more than their parts";
        return $"Each change alone gives factors whose product is {Shown.Times(singles)}; "
            + $"together they give {Shown.Times(whole.Factor)}: {how}.";
    }

    private static ReportTable Shares(AblationSummary ablation) =>
        new(
            "ablation",
            "What each change gave",
            [
                new("change", IsNumber: false),
                new("belongs to", IsNumber: false),
                new("share (95 % interval)"),
                new("part of the logarithm"),
                new("min on the way"),
                new("max on the way"),
            ],
            [
                .. ablation.Shares.Select(share =>
                    (IReadOnlyList<Cell>)
                        [
                            share.Change,
                            PartWords.Of(share.Part),
                            FactorCell.Of(share.Share),
                            PartCell(share.PartOfWhole),
                            FactorCell.Of(share.Min),
                            FactorCell.Of(share.Max),
                        ]
                ),
                [
                    "all together",
                    "",
                    FactorCell.Of(ablation.Whole!),
                    PartCell(ablation.Whole!.Factor == 1 ? null : 1),
                    Shown.Unknown,
                    Shown.Unknown,
                ],
            ]
        )
        {
            AllIn = "report --json",
        };

    private static ReportTable Interactions(AblationSummary ablation) =>
        new(
            "interactions",
            "Two changes together ÷ the product of what each gives without the other; below 1 they give less together",
            [new("change", IsNumber: false), new("with", IsNumber: false), new("interaction (95 % interval)"), new("measured in")],
            [
                .. ablation.Interactions.Select(pair =>
                    (IReadOnlyList<Cell>)
                        [
                            pair.First,
                            pair.Second,
                            FactorCell.Of(pair.Factor),
                            new(
                                FormattableString.Invariant($"{pair.Squares} {(pair.Squares == 1 ? "combination" : "combinations")}"),
                                pair.Squares
                            ),
                        ]
                ),
            ]
        )
        {
            AllIn = "report --json",
        };

    private static string Factor(ShareFactor share)
    {
        var interval = share is { Low: { } low, High: { } high } ? $"{SignificantDigits.Of(low)} to {SignificantDigits.Of(high)}" : null;
        string?[] certainty = [interval, share.Resolved ? null : "unresolved"];
        var said = string.Join(", ", certainty.Where(part => part is not null));
        return Shown.Times(share.Factor) + (said == "" ? "" : $" ({said})");
    }

    private static Cell PartCell(double? part) => part is { } value ? new Cell(Percent(value), value) : Shown.Unknown;

    private static string Percent(double part) => string.Create(CultureInfo.InvariantCulture, $"{part * 100:F0} %");
}
