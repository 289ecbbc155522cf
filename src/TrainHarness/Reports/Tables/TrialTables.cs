using System.Globalization;
using TrainHarness.Analysis;
using TrainHarness.Protocol;
using TrainHarness.Reports.Charts;
using TrainHarness.Reports.Wording;
using TrainHarness.Results;

namespace TrainHarness.Reports.Tables;

/// <summary>What single trials did.</summary>
public static class TrialTables
{
    private static readonly string[] Blocks = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

    /// <summary>A curve is written with at most this many blocks.</summary>
    private const int MaxBlocks = 60;

    private const int MaxTrials = 200;
    private const string WhereAllLie = "the folder of the study";

    /// <summary>Every trial with its curve as blocks.</summary>
    public static ReportTable Curves(AnalysedStudy analysed)
    {
        var metric = analysed.Summary.Target.Metric;
        var seen = analysed
            .Trials()
            .SelectMany(trial => trial.Evaluations)
            .Select(evaluation => evaluation.ValueOf(metric.Name))
            .DefaultIfEmpty()
            .ToList();
        var (low, high) = (metric.Min ?? seen.Min(), metric.Max ?? seen.Max());
        return new ReportTable(
            "trials",
            $"{metric} on the validation set at every evaluation; {Bars(metric, low, high)}",
            [
                new("trial", IsNumber: false),
                new("outcome", IsNumber: false),
                new("curve", IsNumber: false),
                new("first"),
                new("last"),
                new("training multiply-adds"),
                new("training time"),
            ],
            [.. analysed.Trials().Where(trial => trial.Evaluations.Count > 0).Select(trial => Row(trial, metric, low, high))]
        )
        {
            AllIn = WhereAllLie,
            PageRows = MaxTrials,
        };
    }

    /// <summary>One trial of the baseline, evaluation by evaluation; null while there is none.</summary>
    public static ReportTable? Baseline(AnalysedStudy analysed)
    {
        if (analysed.Results[analysed.Study.Baseline.Name] is not [{ Evaluations.Count: > 0 } baseline, ..])
            return null;
        var metric = analysed.Summary.Target.Metric;
        return new ReportTable(
            "baseline",
            $"The baseline of the study, {baseline.Record.Id}, evaluation by evaluation"
                + (metric.Chance is { } chance ? $" (chance is {Shown.Level(metric, chance)})" : ""),
            [
                new("epoch"),
                new("examples"),
                new("training multiply-adds"),
                new("loss"),
                .. metric.Name == Metric.LossName ? (Column[])[] : [new(metric.Name)],
            ],
            [.. baseline.Evaluations.Select(evaluation => BaselineRow(evaluation, metric))]
        );
    }

    /// <summary>What each entry trains with and what its network costs.</summary>
    public static ReportTable Recipes(AnalysedStudy analysed) =>
        new(
            "recipes",
            "Recipes and networks",
            [
                new("entry", IsNumber: false),
                new("learning rate"),
                new("initial weights", IsNumber: false),
                new("forward multiply-adds per example"),
                new("training multiply-adds per example"),
                new("parameters"),
            ],
            [.. analysed.Results.Values.Where(trials => trials.Count > 0).Select(trials => RecipeRow(trials[0].Record))]
        )
        {
            AllIn = WhereAllLie,
            PageRows = MaxTrials,
        };

    private static IReadOnlyList<Cell> Row(TrialResult trial, Metric metric, double low, double high)
    {
        var curve = trial.Evaluations.Select(evaluation => evaluation.ValueOf(metric.Name)).ToList();
        return
        [
            trial.Record.Id,
            trial.Record.Outcome.ToString().ToLowerInvariant(),
            string.Concat(Thinned.To(curve, MaxBlocks).Select(value => Block((value - low) / (high - low)))),
            Level(metric, curve[0]),
            Level(metric, curve[^1]),
            new(Shown.Macs(trial.Record.Ledger.Training), trial.Record.Ledger.Training.ToDouble()),
            new(Shown.Duration(trial.Record.Clocks.TrainingSeconds), trial.Record.Clocks.TrainingSeconds),
        ];
    }

    private static IReadOnlyList<Cell> BaselineRow(Evaluation evaluation, Metric metric) =>
        [
            new(evaluation.Epoch.ToString("0.00", CultureInfo.InvariantCulture), evaluation.Epoch),
            new(evaluation.Examples.ToString(CultureInfo.InvariantCulture), evaluation.Examples),
            new(Shown.Macs(evaluation.Ledger.Training), evaluation.Ledger.Training.ToDouble()),
            new(Shown.Number(evaluation.Loss, "0.000"), evaluation.Loss),
            .. metric.Name == Metric.LossName ? (Cell[])[] : [Level(metric, evaluation.ValueOf(metric.Name))],
        ];

    private static IReadOnlyList<Cell> RecipeRow(TrialRecord record) =>
        [
            record.Entry,
            new(record.Start.LearningRate.ToString("R", CultureInfo.InvariantCulture), record.Start.LearningRate),
            record.Start.Initialisation == InitialWeights.He ? "he" : "torchvision",
            new(record.Architecture.ForwardMacs.ToString(), record.Architecture.ForwardMacs.ToDouble()),
            new(record.Architecture.TrainingMacs.ToString(), record.Architecture.TrainingMacs.ToDouble()),
            new(record.Architecture.Parameters.ToString(CultureInfo.InvariantCulture), record.Architecture.Parameters),
        ];

    private static string Bars(Metric metric, double low, double high) =>
        metric is { Min: not null, Max: not null }
            ? $"a bar's full height is {AxisRange.Text(Axis.Of(metric).Scale, high)}"
            : $"bars stand between {Shown.Level(metric, low)} and {Shown.Level(metric, high)}";

    /// <param name="part">Of the height; not a number where all values are one.</param>
    private static string Block(double part) =>
        double.IsNaN(part) ? Blocks[0] : Blocks[(int)Math.Clamp(part * Blocks.Length, 0, Blocks.Length - 1)];

    private static Cell Level(Metric metric, double value) => new(Shown.Level(metric, value), value);
}
