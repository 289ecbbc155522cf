using System.Globalization;
using TrainHarness.Cli.Terminal;
using TrainHarness.Protocol;
using TrainHarness.Reports.Wording;
using TrainHarness.Results;
using TrainHarness.Training.Engine;

namespace TrainHarness.Cli.Execution;

/// <summary>
/// Where every trial of a running study is, and the lines that say so: what runs always, and of the rest what there is room for and a
/// count.
/// </summary>
/// <param name="parallel">Trials at a time.</param>
internal sealed class StudyProgress(Study study, int parallel)
{
    // Of a table: a blank line, its head, a rule and another blank line.
    private const int LinesAroundRows = 4;

    private const int ShortestName = 20;

    // Names are shortened before one of these is left out.
    private const int FirstColumns = 3;

    private readonly Dictionary<string, Row> rows = study.Trials.ToDictionary(
        trial => trial.Id,
        trial => new Row(trial, TrialStage.Pending, null, 0)
    );

    // Of each entry: what its last finished trial took, and what one that runs takes at most.
    private readonly Dictionary<string, double> took = [];
    private readonly Dictionary<string, double> expected = [];
    private int changes;

    /// <summary>Which columns there are when there is room; what comes last is left out first.</summary>
    private readonly (Column Column, Func<Row, TrainingProgress, string> Cell)[] columns =
    [
        (Column.Number("epoch"), (_, at) => $"{Shown.Number(at.Epoch, "0.00")} of {at.Epochs}"),
        (Column.Number("left at most"), (row, at) => row.Stage == TrialStage.Running ? Shown.Duration(at.SecondsLeft) : ""),
        (Column.Number(study.Target.Metric.Name), (_, at) => Shown.Level(study.Target.Metric, at.Metric)),
        (Column.Number("examples/s"), (_, at) => Shown.Number(at.ExamplesPerSecond, "0")),
        (Column.Number("target"), (_, at) => Shown.Level(study.Target.Metric, at.Threshold)),
        (Column.Number("loss"), (_, at) => Shown.Number(at.Loss, "0.000")),
        (Column.Number("FLOP/s"), (_, at) => ProgressLines.Rate(at)),
        (Column.Number("data wait"), (_, at) => Shown.Percent(at.DataWaitShare)),
        (Column.Number("multiply-adds"), (_, at) => Shown.Macs(at.TrainingMacs)),
    ];

    /// <returns>Where it was before.</returns>
    public TrialStage Enter(Trial trial, TrialStage stage)
    {
        var before = rows[trial.Id];
        rows[trial.Id] = before with { Stage = stage, Changed = ++changes };
        return before.Stage;
    }

    /// <returns>Whether an evaluation was made since the last time.</returns>
    public bool Progress(Trial trial, TrainingProgress progress)
    {
        var before = rows[trial.Id].At;
        rows[trial.Id] = rows[trial.Id] with { Stage = TrialStage.Running, At = progress };
        expected[trial.Entry.Name] = progress.SecondsSoFar + progress.SecondsLeft;
        return progress.Evaluations > (before?.Evaluations ?? 0);
    }

    /// <summary>What a finished trial took is what the others of its entry are likely to take.</summary>
    public void Took(Trial trial, ClockRecord clocks)
    {
        if (clocks.TrainingSeconds + clocks.EvaluationSeconds + clocks.StartUpSeconds is { } seconds)
            took[trial.Entry.Name] = seconds;
    }

    /// <summary>Time left for the study, as far as it is known; empty where nothing is left or known.</summary>
    public string Left()
    {
        List<Row> waiting =
        [
            .. rows.Values.Where(row => row.Stage == TrialStage.Pending || (row.Stage == TrialStage.Running && row.At is null)),
        ];
        List<Row> running = [.. rows.Values.Where(row => row.Stage == TrialStage.Running && row.At is not null)];
        var timed = waiting.Select(row => SecondsOf(row.Trial.Entry.Name)).OfType<double>().ToList();
        if (timed.Count + running.Count == 0)
            return "";
        var seconds = (running.Sum(row => row.At!.SecondsLeft) + timed.Sum()) / parallel;
        var unknown = waiting.Count - timed.Count;
        var without = FormattableString.Invariant(
            $", without {unknown} {(unknown == 1 ? "trial" : "trials")} of entries that have not run yet"
        );
        return $"About {Shown.Duration(seconds)} left{(unknown == 0 ? "" : without)}.";
    }

    public IReadOnlyList<string> Lines(int width, int height)
    {
        List<string> summary = [.. Words.Wrapped(Summary(), width)];
        var room = height - summary.Count;
        List<Row> newest =
        [
            .. rows
                .Values.Where(row => row.Changed > 0)
                .OrderByDescending(row => row.Stage == TrialStage.Running)
                .ThenByDescending(row => row.Changed),
        ];
        IReadOnlyList<string> table = [];
        // Its head may take several lines.
        for (var count = Math.Min(newest.Count, Math.Max(1, room - LinesAroundRows)); count > 0; count--)
        {
            table = TableOf([.. newest.Take(count).OrderBy(row => row.Changed)], width);
            if (table.Count <= room)
                break;
        }

        return [.. table.Concat(summary).Take(height).Select(line => line.Length > width ? line[..Math.Max(0, width)] : line)];
    }

    private double? SecondsOf(string entry) =>
        took.TryGetValue(entry, out var taken) ? taken
        : expected.TryGetValue(entry, out var max) ? max
        : null;

    private string Summary()
    {
        List<TrialStage> stages = [.. rows.Values.Select(row => row.Stage)];
        var (pending, failed) = (stages.Count(stage => stage == TrialStage.Pending), stages.Count(stage => stage == TrialStage.Failed));
        return string.Create(
                CultureInfo.InvariantCulture,
                $"{study.Name}: {rows.Count} trials, {stages.Count(stage => stage.IsDone)} done, {pending} pending, {failed} failed. "
                    + $"{Left()}"
            )
            .TrimEnd();
    }

    /// <summary>With as many columns as fit; where not even the first few do, with the trials' names shortened.</summary>
    private IReadOnlyList<string> TableOf(List<Row> shown, int width)
    {
        for (var count = columns.Length; count > FirstColumns; count--)
        {
            if (TableOf(shown, count, int.MaxValue) is var table && table.Fits(width))
                return table.Lines(width);
        }

        var longest = shown.Max(row => row.Trial.Id.Length);
        for (var count = FirstColumns; count >= 0; count--)
        {
            for (var length = longest; length >= ShortestName; length--)
            {
                if (TableOf(shown, count, length) is var table && table.Fits(width))
                    return table.Lines(width);
            }
        }

        return [.. shown.Select(row => $"{row.Stage.Word} {Words.Shortened(row.Trial.Id, width - row.Stage.Word.Length - 1)}")];
    }

    private TextTable TableOf(List<Row> shown, int count, int longestName)
    {
        var taken = columns.Take(count).ToList();
        var table = new TextTable([new("trial"), new("state"), .. taken.Select(column => column.Column)]);
        foreach (var row in shown)
        {
            var cells = taken.Select(column => row.At is { } at ? column.Cell(row, at) : "");
            table.Add([Words.Shortened(row.Trial.Id, longestName), row.Stage.Word, .. cells]);
        }

        return table;
    }

    private sealed record Row(Trial Trial, TrialStage Stage, TrainingProgress? At, int Changed);
}
