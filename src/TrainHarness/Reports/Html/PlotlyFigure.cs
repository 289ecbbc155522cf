using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using TrainHarness.Reports.Charts;

namespace TrainHarness.Reports.Html;

/// <summary>A chart as plotly.js takes it: {"data": […], "layout": {…}}.</summary>
internal static class PlotlyFigure
{
    // The drawing area on a wide page, for which names get their places; on a narrow one they may meet.
    private const double Width = 1000;
    private const double Height = 420;

    /// <summary>The default encoder writes '&lt;' as \u003C: nothing in it can end the script element that it stands in.</summary>
    public static string Json(Chart chart) =>
        new JsonObject
        {
            ["data"] = new JsonArray([.. Traces(chart)]),
            ["layout"] = new JsonObject
            {
                ["xaxis"] = AxisOf(chart.X, AxisRange.Across(chart)),
                ["yaxis"] = AxisOf(chart.Y, AxisRange.Up(chart)),
                ["hovermode"] = "closest",
                ["modebar"] = new JsonObject { ["bgcolor"] = "rgba(0,0,0,0)", ["orientation"] = "h" },
                ["margin"] = new JsonObject
                {
                    ["l"] = 70,
                    ["r"] = 20,
                    ["t"] = 20,
                    ["b"] = 60,
                },
                ["legend"] = new JsonObject { ["orientation"] = "h", ["y"] = -0.22 },
                ["paper_bgcolor"] = "rgba(0,0,0,0)",
                ["plot_bgcolor"] = "rgba(0,0,0,0)",
            },
        }.ToJsonString(JsonSerializerOptions.Default);

    private static IEnumerable<JsonObject> Traces(Chart chart)
    {
        var labels = LabelPlacement.Of(chart, Width, Height);
        return chart.Series.Select(series => Trace(chart, series, labels));
    }

    private static JsonObject Trace(Chart chart, Series series, IReadOnlyDictionary<SeriesPoint, LabelSide> labels)
    {
        var isLine = series.Mark is Mark.Line or Mark.Dashes;
        var colour = Palette.Colour(series.Colour);
        var trace = new JsonObject
        {
            ["type"] = "scatter",
            ["name"] = Escaped(series.Legend ?? series.Name),
            ["showlegend"] = series.Legend is not null,
            ["mode"] = isLine ? "lines" : "markers+text",
            ["x"] = new JsonArray([.. series.Points.Select(point => Value(chart.X.Scale, point.X))]),
            ["y"] = new JsonArray([.. series.Points.Select(point => Value(chart.Y.Scale, point.Y))]),
            ["hovertext"] = new JsonArray([.. series.Points.Select(point => (JsonNode)Hover(chart, series, point))]),
            ["hoverinfo"] = "text",
        };
        if (isLine)
            trace["line"] = new JsonObject
            {
                ["color"] = colour,
                ["width"] = 2,
                ["dash"] = series.Mark == Mark.Dashes ? "dash" : "solid",
            };
        else
            trace["marker"] = new JsonObject
            {
                ["color"] = colour,
                ["size"] = 10,
                ["symbol"] = series.Mark == Mark.OpenPoints ? "circle-open" : "circle",
            };
        if (!isLine)
        {
            trace["text"] = new JsonArray([
                .. series.Points.Select(point => (JsonNode)(labels.ContainsKey(point) ? Escaped(point.ShownLabel!) : "")),
            ]);
            trace["textposition"] = new JsonArray([.. series.Points.Select(point => (JsonNode)Position(labels.GetValueOrDefault(point)))]);
        }

        if (series.HasIntervals)
            trace["error_y"] = Intervals(series, colour);
        return trace;
    }

    private static string Position(LabelSide side) =>
        side switch
        {
            LabelSide.Right => "middle right",
            LabelSide.Left => "middle left",
            LabelSide.Above => "top center",
            _ => "bottom center",
        };

    private static JsonObject Intervals(Series series, string colour) =>
        new()
        {
            ["type"] = "data",
            ["symmetric"] = false,
            ["array"] = new JsonArray([.. series.Points.Select(point => (JsonNode)((point.High ?? point.Y) - point.Y))]),
            ["arrayminus"] = new JsonArray([.. series.Points.Select(point => (JsonNode)(point.Y - (point.Low ?? point.Y)))]),
            ["color"] = colour,
            ["thickness"] = 1.5,
        };

    private static JsonNode? Value(Scale scale, double value) =>
        scale == Scale.Date ? DateOnly.FromDayNumber((int)value).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
        : double.IsFinite(value) ? value
        : null;

    private static string Hover(Chart chart, Series series, SeriesPoint point)
    {
        var interval = point is { Low: { } low, High: { } high }
            ? $" ({AxisRange.Text(chart.Y.Scale, low)} to {AxisRange.Text(chart.Y.Scale, high)})"
            : "";
        var name = Escaped(point.Label ?? series.Name);
        return $"<b>{name}</b>"
            + $"<br>{Escaped(chart.Y.Label)}: {Escaped((point.Printed ?? AxisRange.Text(chart.Y.Scale, point.Y)) + interval)}"
            + $"<br>{Escaped(chart.X.Label)}: {Escaped(AxisRange.Text(chart.X.Scale, point.X))}";
    }

    /// <summary>plotly.js reads every text as a little HTML, and knows the names of these three characters but not of quotes.</summary>
    private static string Escaped(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal);

    private static JsonObject AxisOf(Axis axis, AxisRange range)
    {
        var json = new JsonObject
        {
            ["title"] = new JsonObject { ["text"] = Escaped(axis.Label) },
            ["type"] = axis.Scale switch
            {
                Scale.Date => "date",
                Scale.Linear or Scale.Percent or Scale.Level => "linear",
                _ => "log",
            },
            // As the drawing has it: names of points were placed for this stretch. plotly.js takes logarithms to base ten too.
            ["range"] = new JsonArray(End(range.Scale, range.Low), End(range.Scale, range.High)),
            ["zeroline"] = false,
            ["automargin"] = true,
        };
        if (Format(axis.Scale) is { } format)
            json["tickformat"] = format;
        if (axis.Scale == Scale.LogFactor)
            json["ticksuffix"] = "×";
        return json;
    }

    private static JsonNode End(Scale scale, double drawn) => AxisRange.IsLog(scale) ? drawn : Value(scale, drawn)!;

    private static string? Format(Scale scale) =>
        scale switch
        {
            Scale.Percent => ".0~%",
            Scale.Log => "~s",
            Scale.LogFactor => "~g",
            _ => null,
        };
}
