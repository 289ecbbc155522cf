using System.Globalization;
using System.Text;
using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Reports.Charts;
using TrainHarness.Reports.Figures;
using TrainHarness.Reports.Notices;
using TrainHarness.Reports.Sections;
using TrainHarness.Reports.Tables;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Reports.Html;

/// <summary>report.html: the whole report in one file that asks the network for nothing.</summary>
public sealed class HtmlReport(
    AnalysedStudy analysed,
    IReadOnlyList<string> findings,
    IReadOnlyList<ReportSection> sections,
    IReadOnlyList<DrawnChart> charts
)
{
    // The page may run its own script and style, and load nothing.
    private const string ContentSecurity = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:";

    private readonly StringBuilder text = new();
    private readonly StudySummary summary = analysed.Summary;

    public string Write()
    {
        Head();
        text.Append("<main id=\"main\" tabindex=\"-1\">\n");
        Answer();
        Findings();
        Factors();
        foreach (var section in sections)
            Section(section);
        text.Append("</main>\n");
        Notices();
        Scripts();
        return text.Append("</body>\n</html>\n").ToString();
    }

    private void Head()
    {
        text.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        text.Append(CultureInfo.InvariantCulture, $"<meta http-equiv=\"Content-Security-Policy\" content=\"{ContentSecurity}\">\n");
        text.Append(
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light "
                + "dark\">\n"
        );
        text.Append(
            CultureInfo.InvariantCulture,
            $"<title>{HtmlText.Escaped(summary.Study)} – TrainHarness</title>\n"
                + $"<style>\n{EmbeddedFile.Text("report.css")}</style>\n</head>\n<body>\n"
        );
        text.Append("<a class=\"skip\" href=\"#main\">Skip to the report</a>\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"<header><p>TrainHarness report</p><h1>{HtmlText.Escaped(summary.Study)}</h1></header>\n"
        );
    }

    private void Answer()
    {
        text.Append("<section aria-labelledby=\"answer\">\n<h2 id=\"answer\">The answer</h2>\n");
        if (Headline.Best(analysed) is { } best)
            text.Append(CultureInfo.InvariantCulture, $"<p class=\"factor\">{Big(best)}</p>\n");
        text.Append(CultureInfo.InvariantCulture, $"<p>{HtmlText.WithBold(Headline.Of(analysed))}</p>\n");
        if (Measurement.Subject(analysed) is { } subject)
            text.Append(CultureInfo.InvariantCulture, $"<p>{HtmlText.Escaped(subject)}</p>\n");
        text.Append("</section>\n");
    }

    private static string Big(EntrySummary best)
    {
        var factor = $"{(best.Bound == Bound.AtLeast ? "at least " : "")}{Shown.Times(best.ReductionFactor)}";
        var interval = best is { Low: { } low, High: { } high }
            ? $"95 % interval {SignificantDigits.Of(low)} to {SignificantDigits.Of(high)}"
            : "no interval";
        return $"{HtmlText.Escaped(factor)} <span>{interval}{(best.Resolved || best.Bound is not null ? "" : ", unresolved")}</span>";
    }

    private void Findings()
    {
        if (findings.Count == 0)
            return;
        text.Append("<section class=\"findings\" aria-labelledby=\"findings\">\n<h2 id=\"findings\">Caveats</h2>\n");
        List(Wording.Findings.Shortened(findings));
        text.Append("</section>\n");
    }

    private void Factors()
    {
        text.Append("<section aria-labelledby=\"factors\">\n<h2 id=\"factors\">Reduction factors</h2>\n");
        Figure(EfficiencyChart.Name);
        Table(EntryTable.Of(summary));
        text.Append("</section>\n");
    }

    private void Section(ReportSection section)
    {
        text.Append(
            CultureInfo.InvariantCulture,
            $"<section aria-labelledby=\"{section.Name}\">\n<h2 id=\"{section.Name}\">{HtmlText.Escaped(section.Title)}</h2>\n"
        );
        foreach (var part in section.Parts.OrderBy(part => part.Chart is null))
            Part(part);
        text.Append("</section>\n");
    }

    private void Part(ReportPart part)
    {
        if (part.Paragraph is { } paragraph)
            text.Append(CultureInfo.InvariantCulture, $"<p>{HtmlText.Escaped(paragraph)}</p>\n");
        else if (part.List is { } list)
            List(list);
        else if (part.Chart is { } chart)
            Figure(chart.Name);
        else if (part.FoldedUnder is { } under)
            text.Append(
                CultureInfo.InvariantCulture,
                $"<details><summary>{HtmlText.Escaped(under)}</summary>\n{HtmlTable.Of(part.Table!, isSortable: false)}</details>\n"
            );
        else
            Table(part.Table!);
    }

    private void List(IEnumerable<string> lines) =>
        text.Append("<ul>\n").AppendJoin("", lines.Select(line => $"<li>{HtmlText.Escaped(line)}</li>\n")).Append("</ul>\n");

    private void Table(ReportTable table) => text.Append(HtmlTable.Of(table.First(table.PageRows), isSortable: true));

    private void Figure(string name)
    {
        if (charts.FirstOrDefault(drawn => drawn.Chart.Name == name) is { } drawn)
            text.Append(HtmlFigure.Of(drawn));
    }

    private void Notices()
    {
        if (charts.Count == 0)
            return;
        var used = charts.Any(drawn => drawn.Chart.IsInteractive) ? $"The interactive charts are drawn by {Notice.Plotly.Line}. " : "";
        var words = $"{used}The letters of the other figures are outlines of {Notice.Inter.Line}.";
        text.Append(CultureInfo.InvariantCulture, $"<footer><p class=\"note\">{HtmlText.Escaped(words)}</p></footer>\n");
    }

    private void Scripts()
    {
        text.Append("<p id=\"announcement\" class=\"hidden\" role=\"status\"></p>\n");
        if (charts.Any(drawn => drawn.Chart.IsInteractive))
            text.Append(
                CultureInfo.InvariantCulture,
                $"<!--\n{Notice.Plotly.Text}-->\n<script>{EmbeddedFile.Text("plotly.min.js")}</script>\n"
            );
        text.Append(CultureInfo.InvariantCulture, $"<script>\n{EmbeddedFile.Text("report.js")}</script>\n");
    }
}
