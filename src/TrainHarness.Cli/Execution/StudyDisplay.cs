using System.Diagnostics;
using TrainHarness.Cli.Terminal;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads;

namespace TrainHarness.Cli.Execution;

/// <summary>Shows a study while it runs: what runs and a summary in place on a terminal, plain lines elsewhere.</summary>
/// <param name="parallel">Trials at a time.</param>
internal sealed class StudyDisplay(Study study, TextWriter output, int parallel) : IDisposable
{
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private readonly StudyProgress trials = new(study, parallel);
    private readonly Stopwatch sinceLine = Stopwatch.StartNew();
    private LiveLines? live;

    public IProgress<PreparationProgress> Preparation { get; } = new PackingLines(DataNames.Of(study), output);

    /// <summary>How the data was read, where there is anything to say; before <see cref="Open"/>.</summary>
    public void Ready(IPreparedData prepared)
    {
        foreach (var remark in prepared.Remarks)
            output.WriteLine($"{prepared.Record.Name}: {remark}");
    }

    /// <summary>From here on a terminal shows the live lines; before, others would garble them.</summary>
    public void Open() => live = ReferenceEquals(output, Console.Out) && Screen.IsLive ? new LiveLines(Draw) : null;

    public void Started(Trial trial) => Set(trial, TrialStage.Running, $"{trial.Id}: starts");

    public void Finished(Trial trial, TrialRecord record)
    {
        lock (gate)
            trials.Took(trial, record.Clocks);
        var stage = new TrialStage(record.Outcome.ToString().ToLowerInvariant(), IsDone: true);
        Set(trial, stage, $"{trial.Id}: {stage.Word}");
    }

    public void Failed(Trial trial, string reason) => Set(trial, TrialStage.Failed, $"{trial.Id}: failed: {reason}");

    public void Stopped(Trial trial, bool hasCheckpoint)
    {
        var stage = new TrialStage(hasCheckpoint ? "checkpointed" : "stopped", IsDone: false);
        Set(trial, stage, $"{trial.Id}: {stage.Word}");
    }

    /// <summary>A line of the trial's own; the live lines have no place for it, and the log has it.</summary>
    public void Tell(string line)
    {
        if (live is null)
            output.WriteLine(line);
    }

    public void Progress(Trial trial, TrainingProgress progress)
    {
        bool evaluated;
        lock (gate)
            evaluated = trials.Progress(trial, progress);
        if (live is not null || !(evaluated || sinceLine.Elapsed > PlainInterval))
            return;
        output.WriteLine(ProgressLines.Line(trial.Id, study.Target.Metric, progress));
        sinceLine.Restart();
    }

    public void Dispose() => live?.Dispose();

    private void Set(Trial trial, TrialStage stage, string line)
    {
        string left;
        lock (gate)
            left = trials.Enter(trial, stage) == TrialStage.Running && stage.IsDone ? trials.Left() : "";
        if (live is not null)
            return;
        output.WriteLine(line);
        if (left.Length > 0)
            output.WriteLine($"{study.Name}: {left}");
    }

    private IReadOnlyList<string> Draw(int width, int height)
    {
        lock (gate)
            return trials.Lines(width, height);
    }
}
