using TrainHarness.Analysis;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Reports.Charts;
using TrainHarness.Reports.Figures;
using TrainHarness.Reports.Html;
using TrainHarness.Reports.Sections;
using TrainHarness.Results;

namespace TrainHarness.Reports;

/// <summary>Rebuilds every output of a study from its records; needs neither a GPU nor libtorch.</summary>
public sealed record StudyReport(AnalysedStudy Analysed)
{
    private const string FigureFolder = "figures";

    /// <summary>What it can tell below the answer, in order.</summary>
    public IReadOnlyList<SectionEntry> Entries { get; init; } = ReportSections.Shipped;

    private StudySummary Summary => Analysed.Summary;

    /// <param name="store">A results folder with its study.yaml.</param>
    /// <exception cref="ConfigurationException">No study lies there, or a record of it cannot be used.</exception>
    public static StudyReport Read(ResultStore store)
    {
        if (!PlainFile.Exists(store.StudyFile))
            throw new ConfigurationException(
                $"{store.Folder}: no study.yaml here; allowed: a folder of a study, for example results/quickstart."
            );
        var study = StudyReader.ReadResolved(store.StudyFile);
        var measured = new MeasuredStudy(study, store);
        var results = measured.Results();
        var packs = results.Values.SelectMany(trials => trials).GroupBy(trial => trial.Record.Dataset.PackSha256).ToList();
        if (packs.Count > 1)
            throw new ConfigurationException(
                $"{store.Folder}: {packs[0].First().Record.Id} and {packs[1].First().Record.Id} were measured on different data "
                    + $"('dataset.packSha256'); remove the folders of those that do not belong here."
            );
        if (study.Target.Threshold is { } threshold)
            measured.RequireTarget(threshold, results);
        var scan = ScanReport.TryReadFor(study, store);
        var summary = StudySummary.Of(study, study.Target.Threshold, results, PriceReader.ReadFor(store.StudyFile));
        return new StudyReport(
            new AnalysedStudy(study, summary, results, scan?.Summary)
            {
                Imported = ImportedSummary.Of(ImportedTrials.Of(store), study, summary, results),
                Scale = study.Scale is { } scale
                    ? ScaleSummary.Of(study, [.. results.Values.SelectMany(trials => trials)], Beside(store, scale))
                    : null,
            }
        );
    }

    /// <summary>The trials of the studies that a study of scale names; those that are not there are not in it.</summary>
    /// <exception cref="ConfigurationException">A record of them cannot be used.</exception>
    private static Dictionary<string, IReadOnlyList<TrialResult>> Beside(ResultStore store, ScaleRule scale)
    {
        var found = new Dictionary<string, IReadOnlyList<TrialResult>>();
        foreach (var name in scale.Studies)
        {
            var other = new ResultStore(Path.Combine(Path.GetDirectoryName(store.Folder)!, name));
            if (PlainFile.Exists(other.StudyFile))
                found.Add(
                    name,
                    [.. new MeasuredStudy(StudyReader.ReadResolved(other.StudyFile), other).Results().Values.SelectMany(trials => trials)]
                );
        }

        return found;
    }

    /// <summary>What a reader must know before believing a factor.</summary>
    public IReadOnlyList<string> Findings() =>
        [
            .. Wording.Findings.Of(Analysed.Study, Summary, Analysed.Results),
            .. Wording.Findings.OfScan(Analysed.Study, Analysed.Scan, Analysed.Results),
        ];

    /// <summary>What is told below the answer, where it applies.</summary>
    public IReadOnlyList<ReportSection> Sections() => [.. Entries.Select(entry => entry.Of(Analysed)).OfType<ReportSection>()];

    /// <summary>Every chart that the records can fill: the answer's, and those of the sections.</summary>
    public IReadOnlyList<Chart> Charts() => Charts(Sections());

    /// <summary>report.md as text.</summary>
    public string Markdown() => Markdown(Sections());

    /// <summary>report.html as text.</summary>
    /// <param name="charts">That are drawn; others are left out.</param>
    public string Html(IReadOnlyList<DrawnChart> charts) => Html(Sections(), charts);

    /// <summary>Writes efficiency.csv, report.md, report.html and the figures.</summary>
    public void Write(ResultStore store) => Write(store, Files());

    /// <summary>All that is written, drawn before the first file is touched.</summary>
    internal IReadOnlyList<ReportFile> Files()
    {
        var sections = Sections();
        var charts = Charts(sections).Select(DrawnChart.Of).ToList();
        var papers = Analysed
            .Results.Values.Where(trials => trials.Count > 0)
            .ToDictionary(trials => trials[0].Record.Entry, trials => trials[0].Record.Architecture.Paper ?? "");
        return
        [
            .. charts.SelectMany(drawn =>
                (ReportFile[])
                    [ReportFile.Of(FigureName(drawn.Chart.Name, "svg"), drawn.Svg), new(FigureName(drawn.Chart.Name, "png"), drawn.Png)]
            ),
            ReportFile.Of("efficiency.csv", EfficiencyCsv.Of(Summary, papers)),
            ReportFile.Of("report.md", Markdown(sections)),
            ReportFile.Of("report.html", Html(sections, charts)),
        ];
    }

    internal void Write(ResultStore store, IReadOnlyList<ReportFile> files)
    {
        var folder = new DirectoryInfo(Path.Combine(store.Folder, FigureFolder));
        if (folder.LinkTarget is { } elsewhere)
            throw new ConfigurationException($"{folder.FullName}: a link to {elsewhere}; allowed: a folder of its own.");
        foreach (var file in files)
            AtomicFile.Write(Path.Combine(store.Folder, file.Name), file.Content);
        // What an earlier report drew and this one does not; other files there are not the report's.
        var figures = Figures().SelectMany(name => (string[])[FigureName(name, "svg"), FigureName(name, "png")]);
        foreach (
            var stale in figures.Except(files.Select(file => file.Name)).Select(name => Path.Combine(store.Folder, name)).Where(File.Exists)
        )
            File.Delete(stale);
    }

    /// <summary>The names of all charts that it may have.</summary>
    internal IEnumerable<string> Figures() => Entries.SelectMany(entry => entry.Figures(Analysed)).Prepend(EfficiencyChart.Name);

    private IReadOnlyList<Chart> Charts(IReadOnlyList<ReportSection> sections) =>
        [.. sections.SelectMany(section => section.Charts).Prepend(EfficiencyChart.Of(Summary)).OfType<Chart>()];

    private string Markdown(IReadOnlyList<ReportSection> sections) => new MarkdownReport(Analysed, Findings(), sections).Write();

    private string Html(IReadOnlyList<ReportSection> sections, IReadOnlyList<DrawnChart> charts) =>
        new HtmlReport(Analysed, Findings(), sections, charts).Write();

    private static string FigureName(string chart, string extension) => Path.Combine(FigureFolder, $"{chart}.{extension}");
}
