using System.Globalization;
using System.Text;
using TrainHarness.Analysis;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Reports;

/// <summary>report.md: the answer, the curve of the baseline, what to be careful of, how it was measured.</summary>
public sealed class MarkdownReport(StudyReport report)
{
    private static readonly string[] Blocks = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

    private readonly StringBuilder text = new();
    private readonly Study study = report.Study;
    private readonly StudySummary summary = report.Summary;
    private readonly IReadOnlyDictionary<string, IReadOnlyList<TrialResult>> results = report.Results;

    public string Write()
    {
        text.Append(CultureInfo.InvariantCulture, $"# {study.Name}\n\n");
        text.Append(Headline()).Append("\n\n");
        EntryTable();
        text.Append(AnalysisSections.Of(summary));
        Curves();
        FindingList();
        Measuring();
        Machine();
        return text.ToString();
    }

    /// <summary>The answer in one or two sentences.</summary>
    public string Headline()
    {
        if (summary.Target.Threshold is not { } threshold)
            return results[study.Baseline.Name].Any(trial => trial.Record.Outcome == Outcome.Diverged)
                ? "The baseline diverged: there is no target."
                : "The baseline is not finished: there is no target yet.";
        var target = $"{summary.Target.Metric} of {Shown.Percent(threshold)}";
        if (study.AllEntries.All(entry => entry.Architecture == study.Baseline.Architecture))
            return $"Every entry is a {study.Baseline.Architecture}: nothing is compared with another architecture. The target was a {target}.";
        var best = summary.Entries
            .Where(entry => entry.Architecture != study.Baseline.Architecture && entry is { ReductionFactor: not null, Bound: null or Bound.AtLeast })
            .MaxBy(entry => entry.ReductionFactor);
        if (best is null)
            return $"No entry of another architecture than {study.Baseline.Architecture} reached the target, a {target}.";
        var certainty = best.Low is null ? $"; {Counted(best.Trials, "seed")}, no interval" : "";
        var unresolved = best.Resolved ? "" : ", unresolved";
        var compared = best.ReductionFactor >= 1
            ? $"with **{Shown.Factor(best)}** less training compute than {summary.Baseline}"
            : $"but with more training compute than {summary.Baseline} (a reduction factor of **{Shown.Factor(best)}**)";
        return $"**{best.Architecture}** reached {study.Baseline.Architecture}'s level, a {target}, {compared}{certainty}{unresolved}.";
    }

    private static string Counted(int count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    private void EntryTable()
    {
        text.Append(CultureInfo.InvariantCulture, $"| entry | published | reached | last {summary.Target.Metric} | epochs to target | training multiply-adds to target | training time to target | reduction factor |\n");
        text.Append("|---|---|---|---|---|---|---|---|\n");
        foreach (var entry in summary.Entries)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {entry.Entry}{(entry.Entry == summary.Baseline ? " (divides)" : "")} | {entry.Published?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? Shown.Unknown} ");
            text.Append(CultureInfo.InvariantCulture, $"| {entry.Reached} of {entry.Trials} | {Shown.Percent(entry.FinalMetric)} | {Shown.Number(entry.EpochsToTarget, "0.00")} ");
            text.Append(CultureInfo.InvariantCulture, $"| {Shown.Macs(entry.TrainingMacsToTarget)} | {Shown.Duration(entry.SecondsToTarget)} ");
            text.Append(CultureInfo.InvariantCulture, $"| {Shown.Factor(entry)}{(entry is { ReductionFactor: not null, Bound: null, Resolved: false } ? " unresolved" : "")} |\n");
        }

        text.Append('\n');
    }

    private void Curves()
    {
        text.Append(CultureInfo.InvariantCulture, $"## Curves\n\n{summary.Target.Metric} on the validation set at every evaluation; a bar's full height is 100 %.\n\n");
        text.Append("| trial | curve | first | last |\n|---|---|---|---|\n");
        foreach (var trial in Trials().Where(trial => trial.Evaluations.Count > 0))
        {
            var curve = Curve(trial);
            text.Append(CultureInfo.InvariantCulture, $"| {trial.Record.Id} | {string.Concat(curve.Select(Block))} | {Shown.Percent(curve[0])} | {Shown.Percent(curve[^1])} |\n");
        }

        text.Append('\n');
        if (results[study.Baseline.Name] is not [{ Evaluations.Count: > 0 } baseline, ..])
            return;
        text.Append(CultureInfo.InvariantCulture, $"The baseline of the study, {baseline.Record.Id}, evaluation by evaluation (chance is {Shown.Percent(baseline.Record.Target.Chance)}):\n\n");
        text.Append(CultureInfo.InvariantCulture, $"| epoch | examples | training multiply-adds | loss | {summary.Target.Metric} |\n|---|---|---|---|---|\n");
        foreach (var evaluation in baseline.Evaluations)
            text.Append(CultureInfo.InvariantCulture, $"| {evaluation.Epoch:0.00} | {evaluation.Examples} | {Shown.Macs(evaluation.Ledger.Training)} | {evaluation.Loss:0.000} | {Shown.Percent(evaluation.Metrics[summary.Target.Metric])} |\n");
        text.Append('\n');
    }

    private void FindingList()
    {
        var findings = report.Findings();
        if (findings.Count == 0)
            return;
        text.Append("## To be careful of\n\n");
        foreach (var finding in findings)
            text.Append(CultureInfo.InvariantCulture, $"- {finding}\n");
        text.Append('\n');
    }

    private void Measuring()
    {
        text.Append(CultureInfo.InvariantCulture, $"## How it was measured\n\nProtocol {ProtocolVersion.Current} (results/PROTOCOL.md). ");
        text.Append("Compute is the exact number of multiply-adds of convolutions and linear layers, forward and backward, up to the first evaluation at the target; evaluation is not charged. ");
        text.Append(CultureInfo.InvariantCulture, $"An evaluation every {study.EvaluateEveryExamples} examples, so a crossing is known to within that many. ");
        text.Append(summary.TargetFrom is { } from
            ? $"The target is the smallest final {summary.Target.Metric} of {from} over its seeds. "
            : "The target was given. ");
        text.Append(CultureInfo.InvariantCulture, $"Factors divide by the cost of {summary.Baseline}, the cheaper schedule of the baseline's architecture.\n\n");
        text.Append("| entry | learning rate | initial weights | forward multiply-adds per example | training multiply-adds per example | parameters |\n|---|---|---|---|---|---|\n");
        foreach (var record in results.Values.Where(trials => trials.Count > 0).Select(trials => trials[0].Record))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {record.Entry} | {record.Start.LearningRate:R} | {record.Start.Initialisation.ToString().ToLowerInvariant()} ");
            text.Append(CultureInfo.InvariantCulture, $"| {record.Architecture.ForwardMacs} | {record.Architecture.TrainingMacs} | {record.Architecture.Parameters} |\n");
        }

        text.Append('\n');
        if (report.Scan is { } scan)
            text.Append(CultureInfo.InvariantCulture, $"Learning rates were scanned, one grid for all entries: results/{scan.Scan}, {Shown.Macs(scan.TrainingMacs)} training multiply-adds, which are in no factor.\n\n");
    }

    private void Machine()
    {
        var records = Trials().Select(trial => trial.Record).ToList();
        if (records.Count == 0)
            return;
        text.Append("## Where\n\n");
        foreach (var place in records.Select(record => (record.Environment, record.Dataset)).Select(pair => Place(pair.Environment, pair.Dataset)).Distinct())
            text.Append(CultureInfo.InvariantCulture, $"- {place}\n");
    }

    private static string Place(EnvironmentRecord machine, DatasetRecord data) => string.Create(
        CultureInfo.InvariantCulture,
        $"{machine.Device} ({machine.DeviceName ?? "unknown"}), {machine.Threads} threads, {machine.Precision}, libtorch {machine.Libtorch}, TorchSharp {machine.TorchSharp}, {machine.Runtime}, {machine.OperatingSystem}; dataset {data.Name}: {data.TrainExamples} training and {data.ValidationExamples} validation examples of {data.Classes} classes, {data.ImageSize} px from {data.PackSize} px");

    private IEnumerable<TrialResult> Trials() => study.AllEntries.SelectMany(entry => results[entry.Name]);

    private List<double> Curve(TrialResult trial) => [.. trial.Evaluations.Select(evaluation => evaluation.Metrics[summary.Target.Metric])];

    private static string Block(double metric) => Blocks[(int)Math.Min(metric * Blocks.Length, Blocks.Length - 1)];
}
