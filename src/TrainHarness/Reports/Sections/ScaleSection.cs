using System.Globalization;
using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Reports.Charts;
using TrainHarness.Reports.Tables;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Reports.Sections;

/// <summary>How algorithms trade against compute and data.</summary>
internal static class ScaleSection
{
    private const int MaxTrials = 200;

    // Of the logarithm of the error; published laws of scale scatter by a few hundredths.
    private const double MaxDeviation = 0.5;

    /// <summary>Null for a study that asks for nothing of it.</summary>
    public static IReadOnlyList<ReportPart>? Parts(ScaleSummary? scale)
    {
        if (scale is null)
            return null;
        var missing =
            scale.Missing.Count > 0 ? $" Not there, or of another metric, dataset or protocol: {string.Join(", ", scale.Missing)}." : "";
        if (scale.Fit is not { } fit)
            return [ReportPart.Of($"No law can be fitted: {scale.WhyNot}.{missing}"), ReportPart.Of(Trials(scale))];
        return
        [
            ReportPart.Of(Explained(scale, fit) + missing),
            ReportPart.Of(Law(fit)),
            .. fit.Progress.Count > 0 ? (ReportPart[])[ReportPart.Of(InWords(fit)), ReportPart.Captioned(Progress(fit))] : [],
            .. ReportPart.Drawn(ScaleCharts.Compute(scale), ScaleCharts.Data(scale)),
            ReportPart.Folded(Trials(scale), "The trials in numbers"),
        ];
    }

    private static string Explained(ScaleSummary scale, ScaleFit fit) =>
        FormattableString.Invariant($"Error is the distance of {scale.Metric} from its best value at a trial's end. Through ")
        + FormattableString.Invariant($"{scale.Points.Count} ")
        + $"trials of {string.Join(", ", scale.Studies)} goes error = irreducible + A · compute^−a"
        + $"{(fit.DataExponent is null ? "" : " + B · examples^−b")}, least squares on its logarithm; "
        + FormattableString.Invariant($"intervals are the middle 95 % of {fit.Resamples} resamples of the residuals, ")
        + FormattableString.Invariant($"which scatter by {fit.ResidualDeviation * 100:F1} %.")
        + (fit.DataExponent is null ? " The data did not vary enough for a term of its own." : "")
        + (
            fit.ResidualDeviation > MaxDeviation
                ? FormattableString.Invariant($" That is a factor of {Math.Exp(fit.ResidualDeviation):F1} up or down: ")
                    + "no power law describes these trials, and neither its exponents nor what they say of progress can be used."
                : ""
        );

    private static string InWords(ScaleFit fit) =>
        "Progress that augments compute lets the same compute go further, and so for data (Erdil & Besiroglu, arXiv:2212.05153): "
        + string.Join(
            "; ",
            fit.Progress.Select(progress =>
                $"with {progress.Family}, compute counts as {Times(progress.Compute)} as much as with "
                + $"{fit.Families[0]}{(progress.Data is { } data ? $", and data as {Times(data)} as much" : "")}"
            )
        )
        + ". A number far from 1 whose interval reaches across 1 says that these trials cannot tell.";

    private static ReportTable Law(ScaleFit fit) =>
        new(
            "scale-law",
            "The law, shared by all families",
            [new("part", IsNumber: false), new("fitted"), new("95 % interval")],
            [
                Row("exponent of compute, a", fit.ComputeExponent),
                .. fit.DataExponent is { } data ? (IReadOnlyList<Cell>[])[Row("exponent of data, b", data)] : [],
                Row("irreducible error", fit.Irreducible),
            ]
        )
        {
            AllIn = "report --json",
        };

    private static ReportTable Progress(ScaleFit fit) =>
        new(
            "scale-progress",
            $"Progress against {fit.Families[0]}",
            [new("family", IsNumber: false), new("compute-augmenting"), new("data-augmenting")],
            [
                .. fit.Progress.Select(progress =>
                    (IReadOnlyList<Cell>)
                        [
                            progress.Family,
                            new(Times(progress.Compute), progress.Compute.Value),
                            progress.Data is { } data ? new Cell(Times(data), data.Value) : Shown.Unknown,
                        ]
                ),
            ]
        )
        {
            AllIn = "report --json",
        };

    private static ReportTable Trials(ScaleSummary scale) =>
        new(
            "scale-trials",
            "Error, compute and data of every trial",
            [
                new("trial", IsNumber: false),
                new("family", IsNumber: false),
                new("training FLOPs (exact)"),
                new("distinct examples"),
                new("error"),
            ],
            [
                .. scale.Points.Select(point =>
                    (IReadOnlyList<Cell>)
                        [
                            point.Trial,
                            point.Family,
                            new(SignificantDigits.Of(point.Compute), point.Compute),
                            new(point.Examples.ToString("F0", CultureInfo.InvariantCulture), point.Examples),
                            new(SignificantDigits.Of(point.Error), point.Error),
                        ]
                ),
            ]
        )
        {
            AllIn = "report --json",
            PageRows = MaxTrials,
        };

    private static IReadOnlyList<Cell> Row(string part, ScaleEstimate estimate) =>
        [part, new(SignificantDigits.Of(estimate.Value), estimate.Value), Interval(estimate)];

    private static string Times(ScaleEstimate estimate) => $"{Shown.Times(estimate.Value)} ({Interval(estimate)})";

    private static string Interval(ScaleEstimate estimate) =>
        $"{SignificantDigits.Of(estimate.Low)} to {SignificantDigits.Of(estimate.High)}";
}
