using System.Globalization;
using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Reports.Wording;

/// <summary>How and where a study was measured, in sentences.</summary>
public static class Measurement
{
    public static IReadOnlyList<string> Paragraphs(AnalysedStudy analysed)
    {
        var (study, summary) = (analysed.Study, analysed.Summary);
        var metric = summary.Target.Metric;
        var target = summary.TargetFrom is { } from
            ? $"The target is the {(metric.Better == Better.More ? "smallest" : "largest")} final {metric} of {from} over its seeds."
            : "The target was given.";
        var rules = string.Create(
                CultureInfo.InvariantCulture,
                $"""
                Protocol {study.Protocol} (results/PROTOCOL.md). Compute is the exact number of multiply-adds of convolutions, linear layers
                and attention products, forward and backward, up to the first evaluation at the target; evaluation is not charged.{Generated(
                    analysed
                )}
                An evaluation every {study.EvaluateEveryExamples} examples, so a crossing is known to within that many.
                {target}{Signed(metric)}{Dividing(study, summary)}
                """
            )
            .ReplaceLineEndings(" ");
        return analysed.Scan is { } scan
            ?
            [
                rules,
                $"Learning rates were scanned, {Grids(scan)}: results/{scan.Scan}, "
                    + $"{Shown.Macs(scan.TrainingMacs)} training multiply-adds, which are in no factor.",
            ]
            : [rules];
    }

    /// <summary>Which entries were tried with the same rates.</summary>
    internal static string Grids(ScanSummary scan)
    {
        var common = scan.Entries.Select(entry => entry.Rates.Select(rate => rate.LearningRate)).Aggregate(Enumerable.Intersect).Count();
        if (scan.Entries.All(entry => entry.Rates.Count == common))
            return "one grid for all entries";
        return common switch
        {
            0 => "a grid of their own for some entries",
            1 => "1 rate for all entries and others for some",
            _ => string.Create(CultureInfo.InvariantCulture, $"{common} rates for all entries and others for some"),
        };
    }

    private static string Generated(AnalysedStudy analysed) =>
        analysed.Trials().Any(trial => trial.Record.Ledger.Generation != Macs.Zero)
            ? " Forward passes that made training data are in it, each once."
            : "";

    private static string Signed(Metric metric) =>
        metric.Signature is { } signature
            ? $" The signature of {metric} is `{signature}`: it compares with values of the same signature only."
            : "";

    /// <summary>What factors divide by, and why; nothing while there is no target.</summary>
    private static string Dividing(Study study, StudySummary summary)
    {
        if (summary.Target.Threshold is null)
            return "";
        var schedules = DividingBaseline.Schedules(study).Select(entry => entry.Name).ToHashSet();
        var reached = summary.Entries.Count(entry => schedules.Contains(entry.Entry) && entry.Reached == study.Seeds.Count);
        var why = (schedules.Count, reached) switch
        {
            (_, 0) => "the baseline of the study, which did not reach the target with every seed",
            (1, _) => "the baseline of the study",
            (_, 1) =>
                $"the only one of {schedules.Count} schedules of {study.Baseline.Architecture} that reached the target with every seed",
            _ => $"the {(reached == 2 ? "cheaper" : "cheapest")} of {reached} schedules of {study.Baseline.Architecture} that reached "
                + $"the target with every seed",
        };
        return string.Create(CultureInfo.InvariantCulture, $" Factors divide by the cost of {summary.Baseline}, {why}.");
    }

    /// <summary>On what, where and when, in the one line that stands under the answer; null while no trial is done.</summary>
    public static string? Subject(AnalysedStudy analysed)
    {
        List<TrialRecord> records = [.. analysed.Trials().Select(trial => trial.Record)];
        if (records.Count == 0)
            return null;
        var data = records[0].Dataset;
        var size = data.Words is { } words
            ? words
            : string.Create(CultureInfo.InvariantCulture, $"{data.Classes} classes, {data.ImageSize} px");
        var others = records.Exists(record =>
            (record.Dataset.TrainExamples, record.Dataset.ImageSize) != (data.TrainExamples, data.ImageSize)
        );
        var seeds = records.Select(record => record.Seed).Distinct().Count();
        return string.Create(
                CultureInfo.InvariantCulture,
                $"""
                Measured on {data.Name} ({data.TrainExamples} training and {data.ValidationExamples} validation examples, {size}{(
                    others ? "; some entries see less of them, as their names say" : ""
                )})
                on {Listed(records, record => DeviceOf(record.Environment))}, {seeds} {(seeds == 1 ? "seed" : "seeds")}, {Days(
                    records
                )}, by TrainHarness
                {Listed(records, record => record.Environment.CodeVersion.Split('+')[0])}.
                """
            )
            .ReplaceLineEndings(" ");
    }

    private static string Listed(IEnumerable<TrialRecord> records, Func<TrialRecord, string> part) =>
        string.Join(" and ", records.Select(part).Distinct());

    // GPUs of one kind are one device to a reader.
    private static string DeviceOf(EnvironmentRecord machine) => $"{machine.Device.Split(':')[0]} ({machine.DeviceName ?? "unknown"})";

    private static string Days(IReadOnlyList<TrialRecord> records)
    {
        var (first, last) = (
            records.Min(record => record.Clocks.Started).UtcDateTime.Date,
            records.Max(record => record.Clocks.Finished).UtcDateTime.Date
        );
        return string.Create(CultureInfo.InvariantCulture, $"{first:yyyy-MM-dd}{(last == first ? "" : $" to {last:yyyy-MM-dd}")}");
    }

    /// <summary>Each machine with its software and dataset, once.</summary>
    public static IReadOnlyList<string> Places(AnalysedStudy analysed) =>
        [
            .. analysed
                .Trials()
                .Select(trial => trial.Record)
                .GroupBy(record => (Place(record.Environment), record.Dataset.PackSha256))
                // Of entries that see a part, the whole stands for all.
                .Select(group => group.MaxBy(record => (record.Dataset.TrainExamples, record.Dataset.ImageSize))!)
                .Select(record => $"{Place(record.Environment)}; dataset {Examples(record.Dataset)}")
                .Distinct(),
        ];

    private static string Place(EnvironmentRecord machine) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{machine.Device} ({machine.DeviceName ?? "unknown"}), {machine.Threads} {(machine.Threads == 1 ? "thread" : "threads")}, "
                + $"{machine.Precision}, libtorch {machine.Libtorch}, TorchSharp {machine.TorchSharp}, {machine.Runtime}, "
                + $"{machine.OperatingSystem}"
        );

    private static string Examples(DatasetRecord data) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{data.Name}: {data.TrainExamples} training and {data.ValidationExamples} validation examples"
        )
        + (
            data.Words is { } words
                ? $": {words}"
                : string.Create(CultureInfo.InvariantCulture, $" of {data.Classes} classes, {data.ImageSize} px from {data.PackSize} px")
        );
}
