using System.CommandLine;
using TrainHarness.Analysis;
using TrainHarness.Cli.Execution;
using TrainHarness.Compute;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Published;
using TrainHarness.Reports;
using TrainHarness.Reports.Exports;
using TrainHarness.Results;

namespace TrainHarness.Cli.Commands;

/// <summary><c>report DIR</c>: rebuilds a study's outputs from its records.</summary>
internal static class ReportCommand
{
    private sealed record Answer(
        string Study,
        Goal Target,
        string Baseline,
        string? TargetFrom,
        IReadOnlyList<Row> Entries,
        double? DoublingTimeMonths,
        ThresholdCurve? Curve,
        TrendSummary? Trend,
        TrendSummary? InferenceTrend,
        IReadOnlyList<DevicePrice> Prices,
        IReadOnlyList<ComparisonLine> ComparisonLines,
        IReadOnlyList<Method> Methods,
        AblationSummary? Ablation,
        IReadOnlyList<Growth> EffectiveCompute,
        ScaleSummary? Scale,
        IReadOnlyList<ImportedSummary> Imported
    );

    /// <summary>The metric by its name, and what it is beside it.</summary>
    private sealed record Goal(
        string Metric,
        double? Threshold,
        Better Better,
        MetricUnit Unit,
        double? Min,
        double? Max,
        double? Chance,
        string? Signature
    )
    {
        public static Goal Of(TargetSummary target) =>
            new(
                target.Metric.Name,
                target.Threshold,
                target.Metric.Better,
                target.Metric.Unit,
                target.Metric.Min,
                target.Metric.Max,
                target.Metric.Chance,
                target.Metric.Signature
            );
    }

    private sealed record Row(
        string Entry,
        string Architecture,
        string? Published,
        int Reached,
        int Trials,
        Macs? TrainingMacsToTarget,
        double? ReductionFactor,
        double? Low,
        double? High,
        Bound? Bound,
        bool Resolved,
        IReadOnlyList<MeasuredFactor> Measures,
        Macs? InferenceMacs,
        double? InferenceFactor,
        double? TrainingTeraMacsToTarget
    );

    /// <summary>A trial's compute by both methods of AI and Compute.</summary>
    private sealed record Method(
        string Trial,
        string? Device,
        Precision Precision,
        double CountedPetaflopDays,
        double? EstimatedPetaflopDays,
        double? Ratio,
        double? Utilization,
        string? Unknown,
        bool Differs
    );

    /// <summary>Hardware, algorithms and spending, and their product.</summary>
    private sealed record Growth(
        string Title,
        DateOnly From,
        DateOnly To,
        IReadOnlyList<GrowthPart> Parts,
        double Factor,
        double? Low,
        double? High
    );

    public static Command Create()
    {
        var folder = new Argument<string>("DIR")
        {
            Description = "Results folder of one study, for example results/quickstart, or its name in results.",
            HelpName = "DIR",
            CompletionSources = { _ => Completions.Results() },
        };
        var export = new Option<string?>("--export")
        {
            Description =
                "Also write the records in formats of other programs, a comma-separated list of: "
                + $"{string.Join(", ", ExportFormat.Shipped.Select(format => format.Name))}.",
            HelpName = "LIST",
        };
        export.CompletionSources.Add([.. ExportFormat.Shipped.Select(format => format.Name)]);
        var json = CommonOptions.Json();
        var command = new Command(
            "report",
            "Rebuilds every output of a study from its records.\n\nExample: trainharness report results/quickstart"
        )
        {
            folder,
            export,
            json,
        };
        command.SetAction(parsed =>
        {
            var store = new ResultStore(NamedPlace.Results(parsed.GetValue(folder)!));
            var formats = parsed.GetValue(export) is { } list ? ExportFormat.Parse(list) : [];
            if (ScanReport.TryRead(store) is { } scan)
            {
                if (formats.Count > 0)
                    throw new ConfigurationException($"--export: {store.Folder} holds a scan; allowed: a study.");
                scan.Write(store);
                ScanCommand.Show(scan, store, parsed.GetValue(json));
                return ExitStatus.Done;
            }

            var report = StudyReport.Read(store);
            List<ExportedFile> exported = [.. formats.SelectMany(format => format.Files(report.Analysed))];
            report.Write(store);
            ExportedFile.Write(store, exported);
            if (parsed.GetValue(json))
                WriteJson(report);
            else
                SummaryTable.Show(report, store);
            foreach (var line in formats.Select(format => format.LeftOut(report.Analysed)).OfType<string>())
                Console.Error.WriteLine(line);
            if (formats.Count > 0)
                Console.Error.WriteLine(FormattableString.Invariant($"Exported {exported.Count} files: {parsed.GetValue(export)}."));
            return ExitStatus.Done;
        });
        return command;
    }

    /// <summary>The JSON contract: docs/cli.md.</summary>
    public static void WriteJson(StudyReport report)
    {
        var summary = report.Analysed.Summary;
        CommonOptions.WriteJson(
            new Answer(
                summary.Study,
                Goal.Of(summary.Target),
                summary.Baseline,
                summary.TargetFrom,
                [
                    .. summary.Entries.Select(entry => new Row(
                        entry.Entry,
                        entry.Architecture,
                        entry.Published?.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
                        entry.Reached,
                        entry.Trials,
                        entry.TrainingMacsToTarget,
                        entry.ReductionFactor,
                        entry.Low,
                        entry.High,
                        entry.Bound,
                        entry.Resolved,
                        entry.Measures,
                        entry.InferenceMacs,
                        entry.InferenceFactor,
                        entry.TrainingTeraMacsToTarget
                    )),
                ],
                summary.DoublingTimeMonths,
                summary.Curve,
                summary.Trend,
                summary.InferenceTrend,
                summary.Prices,
                ComparisonLine.All,
                [
                    .. summary.Methods.Select(trial => new Method(
                        trial.Trial,
                        trial.Device,
                        trial.Precision,
                        trial.CountedPetaflopDays,
                        trial.EstimatedPetaflopDays,
                        trial.Ratio,
                        trial.Utilization,
                        trial.Unknown,
                        trial.Differs
                    )),
                ],
                summary.Ablation,
                [
                    .. ((EffectiveCompute?[])[EffectiveCompute.Of(summary), EffectiveCompute.Published])
                        .OfType<EffectiveCompute>()
                        .Select(growth => new Growth(
                            growth.Title,
                            growth.From,
                            growth.To,
                            growth.Parts,
                            growth.Factor,
                            growth.Low,
                            growth.High
                        )),
                ],
                report.Analysed.Scale,
                report.Analysed.Imported
            )
        );
    }
}
