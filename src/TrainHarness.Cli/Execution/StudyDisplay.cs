using System.Diagnostics;
using Spectre.Console;
using Spectre.Console.Rendering;
using TrainHarness.Protocol;
using TrainHarness.Reports;
using TrainHarness.Results;
using TrainHarness.Training.Data;
using TrainHarness.Training.Engine;

namespace TrainHarness.Cli.Execution;

/// <summary>Shows all trials at a glance: a live table on a terminal, plain lines elsewhere.</summary>
internal sealed class StudyDisplay : IDisposable
{
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private readonly Study study;
    private readonly TextWriter output;
    private readonly Dictionary<string, Row> rows;
    private readonly Stopwatch sinceLine = Stopwatch.StartNew();
    private readonly bool isTerminal;
    private LiveTable? live;

    private StudyDisplay(Study study, TextWriter output, bool isTerminal)
    {
        this.study = study;
        this.output = output;
        rows = study.Trials.ToDictionary(trial => trial.Id, _ => new Row("pending", null));
        this.isTerminal = isTerminal;
        Packing = new PackingLines(study.Dataset.Name, output);
    }

    public IProgress<PackProgress> Packing { get; }

    public static StudyDisplay For(Study study, TextWriter output) =>
        new(study, output, ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Interactive);

    /// <summary>From here on a terminal shows the live table; before, lines would garble it.</summary>
    public void Open() => live = isTerminal ? new LiveTable(Table) : null;

    public void Started(Trial trial) => Set(trial, "running", $"{trial.Id}: starts");

    public void Finished(Trial trial, Outcome outcome)
    {
        var state = outcome.ToString().ToLowerInvariant();
        Set(trial, state, $"{trial.Id}: {state}");
    }

    public void Failed(Trial trial, string reason) => Set(trial, "failed", $"{trial.Id}: failed: {reason}");

    public void Stopped(Trial trial, bool hasCheckpoint)
    {
        var state = hasCheckpoint ? "checkpointed" : "stopped";
        Set(trial, state, $"{trial.Id}: {state}");
    }

    /// <summary>A line of the trial's own; the live table has no place for it, and the log has it.</summary>
    public void Tell(string line)
    {
        lock (gate)
        {
            if (live is null)
                output.WriteLine(line);
        }
    }

    public void Progress(Trial trial, TrainingProgress progress)
    {
        lock (gate)
        {
            var evaluated = progress.Evaluations > (rows[trial.Id].Progress?.Evaluations ?? 0);
            rows[trial.Id] = new Row("running", progress);
            if (live is null && (evaluated || sinceLine.Elapsed > PlainInterval))
            {
                output.WriteLine(ProgressLines.Line(trial.Id, study.Target.Metric, progress));
                sinceLine.Restart();
            }
        }
    }

    public void Dispose() => live?.Dispose();

    private void Set(Trial trial, string state, string line)
    {
        lock (gate)
        {
            rows[trial.Id] = rows[trial.Id] with { State = state };
            if (live is null)
                output.WriteLine(line);
        }
    }

    private Table Table()
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("trial", "state");
        foreach (var column in (string[])["epoch", "examples/s", "FLOP/s", "data wait", ProgressLines.TrainingLoss(study.Target.Metric), study.Target.Metric.Name, "target", "multiply-adds", "left at most"])
            table.AddColumn(new TableColumn(column).RightAligned());
        lock (gate)
        {
            foreach (var (trial, row) in rows)
                table.AddRow(Cells(trial, row));
        }

        return table;
    }

    private string[] Cells(string trial, Row row) => row.Progress is not { } at
        ? [Markup.Escape(trial), row.State, "", "", "", "", "", "", "", "", ""]
        :
        [
            Markup.Escape(trial),
            row.State,
            $"{Shown.Number(at.Epoch, "0.00")} of {at.Epochs}",
            Shown.Number(at.ExamplesPerSecond, "0"),
            ProgressLines.Rate(at),
            Shown.Percent(at.DataWaitShare),
            Shown.Number(at.Loss, "0.000"),
            Shown.Level(study.Target.Metric, at.Metric),
            Shown.Level(study.Target.Metric, at.Threshold),
            Shown.Macs(at.TrainingMacs),
            row.State == "running" ? Shown.Duration(at.SecondsLeft) : "",
        ];

    private sealed record Row(string State, TrainingProgress? Progress);

    /// <summary>Redraws the table twice a second until disposed.</summary>
    private sealed class LiveTable : IDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private readonly Task drawing;

        public LiveTable(Func<IRenderable> draw)
        {
            drawing = AnsiConsole.Live(draw()).StartAsync(async context =>
            {
                while (!stop.IsCancellationRequested)
                {
                    context.UpdateTarget(draw());
                    await Task.Delay(500, stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
                }

                context.UpdateTarget(draw());
            });
        }

        public void Dispose()
        {
            stop.Cancel();
            drawing.GetAwaiter().GetResult();
            stop.Dispose();
        }
    }
}
