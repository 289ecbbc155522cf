using System.Globalization;
using System.Text;
using TrainHarness.Reports.Charts;
using TrainHarness.Reports.Figures;
using TrainHarness.Reports.Tables;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Reports.Html;

/// <summary>A figure of a page: the drawing, a text alternative, and its numbers as a table.</summary>
internal static class HtmlFigure
{
    /// <summary>A longer table helps nobody.</summary>
    private const int MaxRows = 400;

    /// <summary>An interactive drawing is replaced by plotly.js where scripts run.</summary>
    public static string Of(DrawnChart drawn)
    {
        var chart = drawn.Chart;
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"<figure id=\"figure-{chart.Name}\" aria-labelledby=\"title-{chart.Name}\">\n<figcaption><h3 "
                + $"id=\"title-{chart.Name}\">{HtmlText.Escaped(chart.Title)}</h3>"
        );
        text.Append(CultureInfo.InvariantCulture, $"<p>{HtmlText.Escaped(chart.Description)}</p>");
        if (chart.Note is { } note)
            text.Append(CultureInfo.InvariantCulture, $"<p class=\"note\">{HtmlText.Escaped(note)}</p>");
        text.Append(CultureInfo.InvariantCulture, $"</figcaption>\n<div class=\"static\">{InlineSvg.Of(drawn.Svg, chart.Name)}</div>\n");
        if (chart.IsInteractive)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"<div class=\"interactive\" data-figure=\"data-{chart.Name}\" role=\"img\" aria-labelledby=\"title-{chart.Name}\" "
                    + $"hidden></div>\n"
            );
            text.Append(
                CultureInfo.InvariantCulture,
                $"<script type=\"application/json\" id=\"data-{chart.Name}\">{PlotlyFigure.Json(chart)}</script>\n"
            );
        }

        text.Append(
            CultureInfo.InvariantCulture,
            $"<details><summary>Numbers of this figure</summary>\n{HtmlTable.Of(Numbers(chart), isSortable: false)}</details>\n</figure>\n"
        );
        return text.ToString();
    }

    private static ReportTable Numbers(Chart chart)
    {
        var hasIntervals = chart.Series.SelectMany(series => series.Points).Any(point => point.Low is not null);
        var rows = chart.Series.SelectMany(series => series.Points.Select(point => Row(chart, series, point, hasIntervals))).ToList();
        Column[] interval = hasIntervals ? [new("95 % interval")] : [];
        var table = new ReportTable(
            "numbers-" + chart.Name,
            chart.Title,
            [new("series", IsNumber: false), new(chart.X.Label), new(chart.Y.Label), .. interval],
            rows
        )
        {
            AllIn = "the folder of a trial, in evaluations.csv,",
        };
        return table.First(MaxRows);
    }

    private static IReadOnlyList<Cell> Row(Chart chart, Series series, SeriesPoint point, bool hasIntervals)
    {
        var interval = point is { Low: { } low, High: { } high }
            ? $"{AxisRange.Text(chart.Y.Scale, low)} to {AxisRange.Text(chart.Y.Scale, high)}"
            : Shown.Unknown;
        Cell[] last = hasIntervals ? [interval] : [];
        return
        [
            point.Label is { } label ? $"{series.Name}: {label}" : series.Name,
            chart.X.Text(point.X),
            point.Printed ?? AxisRange.Text(chart.Y.Scale, point.Y),
            .. last,
        ];
    }
}
