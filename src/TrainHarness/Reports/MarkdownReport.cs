using System.Globalization;
using System.Text;
using TrainHarness.Analysis;
using TrainHarness.Reports.Charts;
using TrainHarness.Reports.Sections;
using TrainHarness.Reports.Tables;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Reports;

/// <summary>
/// report.md, for GitHub: the answer, what to be careful of, the figure of the answer, and the sections. Figures lie beside it under
/// figures/.
/// </summary>
public sealed class MarkdownReport(AnalysedStudy analysed, IReadOnlyList<string> findings, IReadOnlyList<ReportSection> sections)
{
    /// <summary>A page with more rows than this is not read.</summary>
    private const int MaxRows = 200;

    private readonly StringBuilder text = new();
    private readonly StudySummary summary = analysed.Summary;

    public string Write()
    {
        text.Append(CultureInfo.InvariantCulture, $"# {summary.Study}\n\n{Headline.Of(analysed)}\n\n");
        if (Measurement.Subject(analysed) is { } subject)
            text.Append(subject).Append("\n\n");
        Table(EntryTable.Of(summary).First(MaxRows));
        if (findings.Count > 0)
            Section(new ReportSection("findings", "Caveats", [ReportPart.Of([.. Findings.Shortened(findings)])]));
        if (EfficiencyChart.Of(summary) is { } chart)
            Figure(chart);
        foreach (var section in sections)
            Section(section);
        return text.ToString().TrimEnd() + "\n";
    }

    private void Section(ReportSection section)
    {
        text.Append(CultureInfo.InvariantCulture, $"## {section.Title}\n\n");
        foreach (var part in section.Parts)
            Part(part);
    }

    private void Part(ReportPart part)
    {
        if (part.Paragraph is { } paragraph)
            text.Append(paragraph).Append("\n\n");
        else if (part.List is { } list)
            text.AppendJoin('\n', list.Select(line => "- " + line)).Append("\n\n");
        else if (part.Chart is { } chart)
            Figure(chart);
        else
            Table(part, part.Table!);
    }

    private void Table(ReportPart part, ReportTable table)
    {
        if (part.IsCaptioned)
            text.Append(table.Caption).Append(":\n\n");
        Table(part.FoldedUnder is null ? table.First(MaxRows) : table);
    }

    private void Table(ReportTable table) => text.Append(MarkdownTable.Of(table)).Append('\n');

    private void Figure(Chart chart)
    {
        var note = chart.Note is { } left ? " " + left : "";
        text.Append(CultureInfo.InvariantCulture, $"![{chart.Title}](figures/{chart.Name}.svg)\n\n{chart.Description}{note}\n\n");
    }
}
