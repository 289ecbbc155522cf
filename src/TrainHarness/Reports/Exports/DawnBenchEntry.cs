using System.Globalization;
using System.Text.Json.Nodes;
using TrainHarness.Analysis;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Reports.Exports;

/// <summary>
/// Entries as DAWNBench took them (stanford-futuredata/dawn-bench-entries): who and what in JSON, and a table of epoch, hours and
/// accuracies in per cent. Evaluations and checkpoints are in no hour, as there. Who has trained it no record says: a person fills that
/// in.
/// </summary>
internal static class DawnBenchEntry
{
    private static readonly (string Metric, string Column)[] Accuracies = [("top1", "top1Accuracy"), ("top5", "top5Accuracy")];

    /// <exception cref="ConfigurationException">No trial has an accuracy that DAWNBench knows, or a device of its own.</exception>
    public static IEnumerable<ExportedFile> Of(AnalysedStudy analysed)
    {
        List<TrialResult> trials = [.. ExportFormat.OnTheirOwn(analysed, "dawnbench").Where(trial => ColumnsOf(trial).Count > 0)];
        if (trials.Count == 0)
        {
            throw new ConfigurationException(
                $"--export: dawnbench knows top1 and top5, and no trial of {analysed.Study.Name} has one; allowed: another format."
            );
        }

        return trials.SelectMany(trial => Files(trial, new PriceList(analysed.Summary.Prices)));
    }

    private static IEnumerable<ExportedFile> Files(TrialResult trial, PriceList prices)
    {
        var name = $"dawnbench/{trial.Record.Id.Replace('/', '.')}";
        yield return ExportedFile.Of($"{name}.json", Description(trial.Record, prices).ToJsonString(ResultsJson.Options) + "\n");
        yield return ExportedFile.Of($"{name}.tsv", Table(trial));
    }

    private static JsonObject Description(TrialRecord record, PriceList prices) =>
        new()
        {
            ["version"] = "v1.0",
            ["author"] = null,
            ["authorEmail"] = null,
            ["framework"] = $"TrainHarness {record.Environment.CodeVersion.Split('+')[0]}, libtorch {record.Environment.Libtorch}",
            ["codeURL"] = null,
            ["model"] = record.Architecture.Name,
            ["hardware"] = record.Environment.DeviceName,
            ["costPerHour"] = prices.Find(record.Environment.DeviceName)?.DollarsPerHour,
            ["timestamp"] = record.Clocks.Started.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ["misc"] = new JsonObject
            {
                ["entry"] = record.Entry,
                ["seed"] = record.Seed,
                ["dataset"] = record.Dataset.Name,
            },
        };

    private static string Table(TrialResult trial)
    {
        var columns = ColumnsOf(trial);
        var lines = trial.Evaluations.Select(evaluation =>
            string.Join(
                '\t',
                [
                    Number(evaluation.Epoch),
                    Number(evaluation.Seconds / 3600),
                    .. columns.Select(column => Number(evaluation.Metrics[column.Metric] * 100)),
                ]
            )
        );
        return string.Join('\n', lines.Prepend(string.Join('\t', ["epoch", "hours", .. columns.Select(column => column.Column)]))) + "\n";
    }

    private static List<(string Metric, string Column)> ColumnsOf(TrialResult trial) =>
        [
            .. Accuracies.Where(accuracy =>
                trial.Evaluations.Count > 0 && trial.Evaluations.All(evaluation => evaluation.Metrics.ContainsKey(accuracy.Metric))
            ),
        ];

    // A part in per cent: the digits that the part has, without those that a product of doubles adds.
    private static string Number(double value) => value.ToString("G15", CultureInfo.InvariantCulture);
}
