using System.Globalization;
using System.Text;
using TrainHarness.Analysis;
using TrainHarness.Reports.Charts;
using TrainHarness.Reports.Tables;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Reports;

/// <summary>report.md, for GitHub: the answer, what to be careful of, the figures, the curve of the baseline, how it was measured.</summary>
/// <param name="charts">The charts that lie beside it under figures/.</param>
public sealed class MarkdownReport(
    AnalysedStudy analysed, IReadOnlyList<string> findings, IReadOnlyList<ReportSection> sections, IReadOnlyList<Chart> charts)
{
    /// <summary>A page with more rows than this is not read.</summary>
    private const int MostRows = 200;

    private readonly StringBuilder text = new();
    private readonly StudySummary summary = analysed.Summary;

    public string Write()
    {
        text.Append(CultureInfo.InvariantCulture, $"# {summary.Study}\n\n{Headline.Of(analysed)}\n\n");
        if (Measurement.Subject(analysed) is { } subject)
            text.Append(subject).Append("\n\n");
        Table(EntryTable.Of(summary).First(MostRows, "efficiency.csv"));
        FindingList();
        Figures(FiguresOf.Factors);
        foreach (var section in sections)
            Section(section);
        text.Append("## Curves\n\n");
        Figures(FiguresOf.Trials);
        Captioned(TrialTables.Curves(analysed).First(MostRows, "the folder of the study"));
        if (TrialTables.Baseline(analysed) is { } baseline)
            Captioned(baseline);
        text.Append("## How it was measured\n\n");
        foreach (var paragraph in Measurement.Paragraphs(analysed))
            text.Append(paragraph).Append("\n\n");
        Table(TrialTables.Recipes(analysed).First(MostRows, "the folder of the study"));
        Places();
        return text.ToString().TrimEnd() + "\n";
    }

    private void Table(ReportTable table) => text.Append(MarkdownTable.Of(table)).Append('\n');

    private void Captioned(ReportTable table)
    {
        text.Append(table.Caption).Append(":\n\n");
        Table(table);
    }

    private void Section(ReportSection section)
    {
        text.Append(CultureInfo.InvariantCulture, $"## {section.Title}\n\n");
        foreach (var part in section.Parts)
        {
            if (part.Paragraph is { } paragraph)
                text.Append(paragraph).Append("\n\n");
            else if (part.Table is { } table)
                Table(table.First(MostRows, "efficiency.csv"));
            else
                text.AppendJoin('\n', part.List!.Select(line => "- " + line)).Append("\n\n");
        }

        Figures(FiguresOf.Section(section.Name));
    }

    private void Figures(params string[] names)
    {
        foreach (var chart in names.Select(name => charts.FirstOrDefault(chart => chart.Name == name)).OfType<Chart>())
        {
            text.Append(CultureInfo.InvariantCulture, $"![{chart.Title}](figures/{chart.Name}.svg)\n\n{chart.Description}{(chart.Note is { } note ? " " + note : "")}\n\n");
        }
    }

    private void FindingList()
    {
        if (findings.Count == 0)
            return;
        text.Append("## To be careful of\n\n");
        foreach (var finding in Findings.Shortened(findings))
            text.Append(CultureInfo.InvariantCulture, $"- {finding}\n");
        text.Append('\n');
    }

    private void Places()
    {
        var places = Measurement.Places(analysed);
        if (places.Count == 0)
            return;
        text.Append("## Where\n\n");
        foreach (var place in places)
            text.Append(CultureInfo.InvariantCulture, $"- {place}\n");
    }
}
