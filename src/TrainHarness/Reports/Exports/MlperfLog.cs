using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using TrainHarness.Analysis;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Reports.Exports;

/// <summary>
/// mlperf.log of every trial: <c>:::MLLOG</c> lines with the keys, counts and order that MLPerf Training's checker asks of an open
/// submission (ruleset 4.0.0), and keys of our own, which it passes over. Evaluations lie between the blocks of training, where MLPerf
/// keeps its clock running.
/// </summary>
internal static class MlperfLog
{
    private const string Point = "POINT_IN_TIME";
    private const string Start = "INTERVAL_START";
    private const string End = "INTERVAL_END";

    // Of an epoch: the number of an evaluation's is rounded.
    private const double Tolerance = 1e-9;

    /// <exception cref="ConfigurationException">Every trial shared a device.</exception>
    public static IEnumerable<ExportedFile> Of(AnalysedStudy analysed) =>
        ExportFormat.OnTheirOwn(analysed, "mlperf").Select(trial => ExportedFile.Of($"{trial.Record.Id}/mlperf.log", Content(trial)));

    private static string Content(TrialResult trial)
    {
        var (record, times) = (trial.Record, new TrialTimes(trial));
        var log = new Lines();
        log.Add(times.Start, Point, "cache_clear", true);
        log.Add(times.Start, Start, "init_start", null);
        foreach (var (key, value) in Description(record))
            log.Add(times.Start, Point, key, value);
        log.Add(times.Training, End, "init_stop", null);
        log.Add(times.Training, Start, "run_start", null);
        foreach (var (index, evaluation) in trial.Evaluations.Index())
            Block(log, trial, index, evaluation, times);
        log.Add(times.End, End, "run_stop", null, ("status", record.Outcome is Outcome.Diverged or Outcome.Missed ? "aborted" : "success"));
        return log.ToString();
    }

    private static IEnumerable<(string Key, JsonNode? Value)> Description(TrialRecord record) =>
        [
            ("submission_benchmark", record.Architecture.Name),
            ("submission_division", "open"),
            ("submission_org", "none"),
            ("submission_platform", record.Environment.DeviceName ?? record.Environment.Device),
            ("submission_status", "research"),
            ("seed", record.Seed),
            ("global_batch_size", record.Recipe.BatchSize),
            ("train_samples", record.Dataset.TrainExamples),
            ("eval_samples", record.Dataset.ValidationExamples),
            ("gradient_accumulation_steps", 1),
            ("opt_name", OptimizerRule.Kinds.Of(record.Recipe.Optimizer).Name),
            ("opt_base_learning_rate", record.Start.LearningRate),
            ("opt_learning_rate_warmup_epochs", record.Recipe.WarmUpEpochs),
            ("config_filename", "study.yaml"),
            ("target_metric", record.Target.Metric),
            ("target_value", record.Target.Threshold),
            ("flop_convention", "exact"),
        ];

    private static void Block(Lines log, TrialResult trial, int index, Evaluation evaluation, TrialTimes times)
    {
        var (epochBefore, secondsBefore, examplesBefore) =
            index == 0
                ? (0, 0, 0)
                : (trial.Evaluations[index - 1].Epoch, trial.Evaluations[index - 1].Seconds, trial.Evaluations[index - 1].Examples);
        var begin = index == 0 ? times.Training : times.EvaluationEnd(index - 1);
        var (stop, evaluated) = (times.EvaluationStart(index), times.EvaluationEnd(index));
        log.Add(begin, Start, "block_start", null, ("first_epoch_num", epochBefore), ("epoch_count", evaluation.Epoch - epochBefore));
        var isLast = index == trial.Evaluations.Count - 1;
        foreach (var (key, kind, number, part) in Epochs(epochBefore, evaluation.Epoch, isLast))
            log.Add(begin + (part * (stop - begin)), kind, key, null, ("epoch_num", number));
        var seconds = evaluation.Seconds - secondsBefore;
        var spent = new JsonObject
        {
            ["throughput"] = seconds > 0 ? (evaluation.Examples - examplesBefore) / seconds : null,
            ["cumulative_train_macs"] = Whole(evaluation.Ledger.Training.ToString()),
            ["cumulative_eval_macs"] = Whole(evaluation.Ledger.Evaluation.ToString()),
            ["energy_j"] = evaluation.Joules,
        };
        log.Add(stop, Point, "tracked_stats", spent, ("step", evaluation.Step));
        log.Add(stop, End, "block_stop", null, ("first_epoch_num", epochBefore));
        log.Add(stop, Start, "eval_start", null, ("epoch_num", evaluation.Epoch));
        log.Add(evaluated, Point, "eval_accuracy", evaluation.ValueOf(trial.Record.Target.Metric), ("epoch_num", evaluation.Epoch));
        foreach (var (name, value) in evaluation.Metrics.Where(metric => metric.Key != trial.Record.Target.Metric))
            log.Add(evaluated, Point, $"eval_accuracy_{name}", value, ("epoch_num", evaluation.Epoch));
        log.Add(evaluated, End, "eval_stop", null, ("epoch_num", evaluation.Epoch));
    }

    /// <summary>
    /// The epochs that begin or end in a block, counted from 1, each after so much of the block as if all of it went at one pace. One that
    /// is not over where the trial ends is over there.
    /// </summary>
    private static IEnumerable<(string Key, string Kind, int Number, double Part)> Epochs(double from, double to, bool isLast)
    {
        for (var number = (int)Math.Floor(from + Tolerance) + 1; number - 1 < to - Tolerance; number++)
        {
            if (number - 1 >= from - Tolerance)
                yield return ("epoch_start", Start, number, PartOf(number - 1));
            if (number <= to + Tolerance || isLast)
                yield return ("epoch_stop", End, number, PartOf(number));
        }

        double PartOf(double epoch) => Math.Clamp((epoch - from) / (to - from), 0, 1);
    }

    // All digits.
    private static JsonNode Whole(string digits) => JsonNode.Parse(digits)!;

    /// <summary>The fields in the order of MLPerf's own logger.</summary>
    private sealed class Lines
    {
        private readonly StringBuilder text = new();

        public void Add(
            DateTimeOffset time,
            string kind,
            string key,
            JsonNode? value,
            params ReadOnlySpan<(string Name, JsonNode? Value)> metadata
        )
        {
            var place = new JsonObject { ["file"] = "record.json", ["lineno"] = 1 };
            foreach (var (name, inner) in metadata)
                place[name] = inner;
            var line = new JsonObject
            {
                ["namespace"] = "",
                ["time_ms"] = time.ToUnixTimeMilliseconds(),
                ["event_type"] = kind,
                ["key"] = key,
                ["value"] = value,
                ["metadata"] = place,
            };
            text.Append(CultureInfo.InvariantCulture, $":::MLLOG {line.ToJsonString()}\n");
        }

        public override string ToString() => text.ToString();
    }
}
