using TrainHarness.Analysis;
using TrainHarness.Protocol;
using TrainHarness.Reports.Charts;
using TrainHarness.Reports.Html;
using TrainHarness.Reports.Tables;
using TrainHarness.Results;

namespace TrainHarness.Reports;

/// <summary>Rebuilds every output of a study from its records; needs neither a GPU nor libtorch.</summary>
/// <param name="Scan">What the scan of the study's learning rates found, where its results lie beside; null where they do not.</param>
public sealed record StudyReport(Study Study, StudySummary Summary, IReadOnlyDictionary<string, IReadOnlyList<TrialResult>> Results, ScanSummary? Scan)
{
    /// <param name="store">A results folder with its study.yaml.</param>
    /// <exception cref="ConfigurationException">No study lies there, or a record of it cannot be used.</exception>
    public static StudyReport Read(ResultStore store)
    {
        if (!File.Exists(store.StudyFile))
            throw new ConfigurationException($"{store.Folder}: no study.yaml here; allowed: a folder of a study, for example results/quickstart.");
        var study = StudyReader.Read(store.StudyFile, workload: null);
        var measured = new MeasuredStudy(study, store);
        var results = measured.Results();
        if (study.Target.Threshold is { } threshold)
            measured.RequireTarget(threshold, results);
        var scan = study.Scan is null ? null : ScanReport.TryRead(new ResultStore(Path.Combine(Path.GetDirectoryName(store.Folder)!, LearningRateScan.NameOf(study))));
        return new StudyReport(study, StudySummary.Of(study, study.Target.Threshold, results, PriceReader.ReadFor(store.StudyFile)), results, scan?.Summary);
    }

    /// <summary>All finished trials, entry by entry.</summary>
    public IEnumerable<TrialResult> Trials() => Study.AllEntries.SelectMany(entry => Results[entry.Name]);

    /// <summary>What a reader must know before believing a factor.</summary>
    public IReadOnlyList<string> Findings() => [.. Reports.Findings.Of(Study, Summary, Results), .. Reports.Findings.OfScan(Study, Scan, Results)];

    /// <summary>Every chart that the records can fill.</summary>
    public IReadOnlyList<Chart> Charts()
    {
        Chart?[] charts =
        [
            EfficiencyChart.Of(Summary), ThresholdCharts.Factors(Summary), ThresholdCharts.DoublingTimes(Summary), TrendChart.Of(Summary),
            PublishedChart.Training(Summary), PublishedChart.Inference(Summary, Study.ImageSize),
            .. TrialCharts.Of(this),
        ];
        return [.. charts.OfType<Chart>()];
    }

    /// <summary>What is told beyond the one factor: other measures of cost, other levels, the trend.</summary>
    public IReadOnlyList<ReportSection> Sections()
    {
        ReportSection?[] sections = [MeasureSection.Of(Summary), LevelSection.Of(Summary), TrendSection.Of(Summary), PublishedSection.Of(Summary)];
        return [.. sections.OfType<ReportSection>()];
    }

    /// <summary>Writes efficiency.csv, report.md, report.html and the figures.</summary>
    public void Write(ResultStore store)
    {
        var charts = Charts().Select(chart => DrawnChart.Of(chart, isInteractive: chart.Name is "efficiency" or "threshold")).ToList();
        foreach (var drawn in charts)
        {
            AtomicFile.Write(Path.Combine(store.Folder, "figures", drawn.Chart.Name + ".svg"), drawn.Svg);
            AtomicFile.Write(Path.Combine(store.Folder, "figures", drawn.Chart.Name + ".png"), drawn.Png);
        }

        DeleteFigures(store, FiguresOf.Report.Except(charts.Select(drawn => drawn.Chart.Name)));

        var papers = Results.Values.Where(trials => trials.Count > 0).ToDictionary(trials => trials[0].Record.Entry, trials => trials[0].Record.Architecture.Paper);
        AtomicFile.Write(Path.Combine(store.Folder, "efficiency.csv"), EfficiencyCsv.Of(Summary, papers));
        AtomicFile.Write(Path.Combine(store.Folder, "report.md"), new MarkdownReport(this, [.. charts.Select(drawn => drawn.Chart)]).Write());
        AtomicFile.Write(Path.Combine(store.Folder, "report.html"), new HtmlReport(this, charts).Write());
    }

    /// <summary>What an earlier report drew and this one does not; other files there are not the report's.</summary>
    private static void DeleteFigures(ResultStore store, IEnumerable<string> names)
    {
        var stale = names.SelectMany(name => (string[])[name + ".svg", name + ".png"]).Select(name => Path.Combine(store.Folder, "figures", name));
        foreach (var file in stale.Where(File.Exists))
            File.Delete(file);
    }
}
