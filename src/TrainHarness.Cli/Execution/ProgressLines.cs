using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Serilog;
using TrainHarness.Protocol;
using TrainHarness.Reports.Wording;
using TrainHarness.Results;
using TrainHarness.Training.Engine;

namespace TrainHarness.Cli.Execution;

/// <summary>
/// Tells how a trial goes: lines for people, or JSON lines where a study run reads them; every evaluation goes to the log.
/// </summary>
internal sealed class ProgressLines(string trial, Metric metric, ILogger log, TextWriter output) : IProgress<TrainingProgress>
{
    /// <summary>Set by the study run for its trials' processes.</summary>
    public const string Variable = "TRAINHARNESS_PROGRESS";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Stopwatch sinceLine = Stopwatch.StartNew();
    private bool hasStarted;

    private static readonly JsonSerializerOptions OneLine = new(ResultsJson.Options) { WriteIndented = false };

    /// <summary>Whether this is the process of a trial that a study run started, and listens to.</summary>
    public static bool ForStudyRun => Environment.GetEnvironmentVariable(Variable) == "json";

    public void Report(TrainingProgress value)
    {
        if (!hasStarted)
            log.Information("The first step ended {Seconds:0.00} s after the process began", SinceProcessStart().TotalSeconds);
        hasStarted = true;
        var evaluated = value.IsEvaluation;
        if (evaluated)
        {
            log.Information(
                "Evaluation {Evaluation} at epoch {Epoch}: {Metric} {Value}, training loss {Loss}, {ExamplesPerSecond} examples/s, "
                    + "{FlopsPerSecond} FLOP/s ({PeakShare} of the device's peak), {DataWaitShare} of the time waiting for data, "
                    + "{TrainingMacs} training multiply-adds",
                value.Evaluations,
                value.Epoch,
                metric.Name,
                value.Metric,
                value.Loss,
                value.ExamplesPerSecond,
                value.Rate.PerSecond,
                value.PeakShare,
                value.DataWaitShare,
                value.TrainingMacs.ToString()
            );
        }

        if (!evaluated && sinceLine.Elapsed < Interval)
            return;
        sinceLine.Restart();
        if (ForStudyRun)
            output.WriteLine(JsonSerializer.Serialize(value, OneLine));
        else if (evaluated)
            output.WriteLine(Line(trial, metric, value));
    }

    private static TimeSpan SinceProcessStart()
    {
        using var process = Process.GetCurrentProcess();
        return DateTime.Now - process.StartTime;
    }

    /// <summary>Null where the line is not one of progress.</summary>
    public static TrainingProgress? Parse(string line)
    {
        if (!line.StartsWith('{'))
            return null;
        try
        {
            return JsonSerializer.Deserialize<TrainingProgress>(line, OneLine);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Achieved FLOP/s, with their part of the device's peak where that is known.</summary>
    public static string Rate(TrainingProgress value) =>
        $"{Shown.Rate(value.Rate)}{(value.PeakShare is { } share ? $" ({Shown.Percent(share)} of peak)" : "")}";

    /// <summary>What the training loss is called beside the metric.</summary>
    public static string TrainingLoss(Metric metric) => metric.Name == Metric.LossName ? "training loss" : "loss";

    public static string Line(string trial, Metric metric, TrainingProgress value) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{trial}: epoch {value.Epoch:0.00} of {value.Epochs}, {metric} {Shown.Level(metric, value.Metric)}{Target(metric, value)}, "
                + $"{TrainingLoss(metric)} {value.Loss:0.000}, {value.ExamplesPerSecond:0} examples/s, {Rate(value)}, "
                + $"{Shown.Macs(value.TrainingMacs)} multiply-adds, {Shown.Duration(value.SecondsLeft)} left at most"
        );

    private static string Target(Metric metric, TrainingProgress value) =>
        value.Threshold is { } threshold ? $" (target {Shown.Level(metric, threshold)})" : "";
}
