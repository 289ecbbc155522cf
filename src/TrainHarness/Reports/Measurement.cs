using System.Globalization;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Reports;

/// <summary>How and where a study was measured, in sentences.</summary>
public static class Measurement
{
    public static IReadOnlyList<string> Paragraphs(StudyReport report)
    {
        var (study, summary) = (report.Study, report.Summary);
        var target = summary.TargetFrom is { } from
            ? $"The target is the smallest final {summary.Target.Metric} of {from} over its seeds."
            : "The target was given.";
        var rules = string.Create(
            CultureInfo.InvariantCulture,
            $"Protocol {ProtocolVersion.Current} (results/PROTOCOL.md). Compute is the exact number of multiply-adds of convolutions and linear layers, forward and backward, up to the first evaluation at the target; evaluation is not charged. An evaluation every {study.EvaluateEveryExamples} examples, so a crossing is known to within that many. {target} Factors divide by the cost of {summary.Baseline}, the cheaper schedule of the baseline's architecture.");
        return report.Scan is { } scan
            ? [rules, $"Learning rates were scanned, one grid for all entries: results/{scan.Scan}, {Shown.Macs(scan.TrainingMacs)} training multiply-adds, which are in no factor."]
            : [rules];
    }

    /// <summary>Each machine with its software and dataset, once.</summary>
    public static IReadOnlyList<string> Places(StudyReport report) =>
        [.. report.Trials().Select(trial => trial.Record).Select(record => Place(record.Environment, record.Dataset)).Distinct()];

    private static string Place(EnvironmentRecord machine, DatasetRecord data) => string.Create(
        CultureInfo.InvariantCulture,
        $"{machine.Device} ({machine.DeviceName ?? "unknown"}), {machine.Threads} threads, {machine.Precision}, libtorch {machine.Libtorch}, TorchSharp {machine.TorchSharp}, {machine.Runtime}, {machine.OperatingSystem}; dataset {data.Name}: {data.TrainExamples} training and {data.ValidationExamples} validation examples of {data.Classes} classes, {data.ImageSize} px from {data.PackSize} px");
}
