using ScottPlot;
using TrainHarness.Reports.Charts;

namespace TrainHarness.Reports.Figures;

/// <summary>Draws a chart with ScottPlot.</summary>
public sealed class Figure(Chart chart)
{
    private const int Width = 900;
    private const int Height = 560;
    private const float FontSize = 14;

    /// <summary>Of the distance between two bars.</summary>
    private const double BarWidth = 0.7;

    /// <summary>Pixels of a PNG for one of the figure: sharp on dense displays and in print.</summary>
    private const int PngScale = 2;

    private readonly AxisRange across = AxisRange.Across(chart);
    private readonly AxisRange up = AxisRange.Up(chart);

    public byte[] ToPng()
    {
        using var plot = Plot(LinePattern.Dashed);
        plot.ScaleFactor = PngScale;
        return plot.GetImageBytes(Width * PngScale, Height * PngScale, ImageFormat.Png);
    }

    /// <summary>Text stands as outlines, so that it is readable without the font and without any.</summary>
    public string ToSvg()
    {
        using var plot = Plot(dashes: null);
        return OutlinedSvg.From(plot.GetSvgXml(Width, Height), chart);
    }

    /// <param name="dashes">Null for SVG, where Skia draws none and complains of them on the process's standard error.</param>
    private Plot Plot(LinePattern? dashes)
    {
        _ = FigureFont.Typeface;
        var plot = new Plot();
        plot.FigureBackground.Color = Colors.White;
        plot.Font.Set(FigureFont.Name);
        foreach (var series in chart.Series)
            Draw(plot, series, dashes);
        DrawLabels(plot);
        plot.Axes.SetLimits(across.Low, across.High, up.Low, up.High);
        Mark(plot.Axes.Bottom, across, chart.X);
        Mark(plot.Axes.Left, up, chart.Y);
        plot.Axes.Title.Label.Text = chart.Title;
        plot.Axes.Title.Label.FontSize = FontSize + 3;
        plot.Axes.Title.Label.Bold = false;
        plot.Axes.Color(Color.FromHex(FigureColours.Ink));
        plot.Axes.Title.Label.ForeColor = Color.FromHex(FigureColours.Ink);
        plot.Grid.MajorLineColor = Color.FromHex(FigureColours.Grid);
        plot.Axes.Right.FrameLineStyle.IsVisible = false;
        plot.Axes.Top.FrameLineStyle.IsVisible = false;
        Legend(plot);
        return plot;
    }

    private void Draw(Plot plot, Series series, LinePattern? dashes)
    {
        var colour = Color.FromHex(Charts.Palette.Colour(series.Colour));
        var points = series
            .Points.Select(point => (point, at: At(point.X, point.Y)))
            .Where(pair => double.IsFinite(pair.at.X) && double.IsFinite(pair.at.Y))
            .ToList();
        if (points.Count == 0)
            return;
        if (series.Mark == Charts.Mark.Bars)
        {
            Bars(plot, colour, series);
            return;
        }

        var drawn = plot.Add.Scatter(points.Select(pair => pair.at).ToArray(), colour);
        drawn.LegendText = series.Legend ?? "";
        var isLine = series.Mark is Charts.Mark.Line or Charts.Mark.Dashes;
        drawn.LineWidth = isLine ? 1.8f : 0;
        if (series.Mark == Charts.Mark.Dashes)
        {
            drawn.LinePattern = dashes ?? LinePattern.Solid;
            drawn.LineColor = dashes is null ? colour.WithAlpha(OutlinedSvg.AlphaOfDashes) : colour;
        }

        drawn.MarkerSize = isLine ? 0 : 9;
        drawn.MarkerShape = series.Mark == Charts.Mark.OpenPoints ? MarkerShape.OpenCircle : MarkerShape.FilledCircle;
        drawn.MarkerLineColor = colour;
        drawn.MarkerLineWidth = 1.8f;
        foreach (var (point, at) in points.Where(pair => series.HasIntervals && pair.point is { Low: not null, High: not null }))
            Interval(plot, colour, at.X, At(point.X, point.Low!.Value).Y, At(point.X, point.High!.Value).Y);
    }

    private void Bars(Plot plot, Color colour, Series series)
    {
        foreach (var (index, point) in series.Points.Index())
        {
            var (from, to) = (At(point.X, point.From!.Value), At(point.X, point.Y));
            var bar = plot.Add.Rectangle(from.X - (BarWidth / 2), from.X + (BarWidth / 2), Math.Min(from.Y, to.Y), Math.Max(from.Y, to.Y));
            bar.FillColor = colour;
            bar.LineWidth = 0;
            bar.LegendText = index == 0 ? series.Legend ?? "" : "";
        }
    }

    private static void Interval(Plot plot, Color colour, double x, double low, double high)
    {
        var line = plot.Add.Line(x, low, x, high);
        line.Color = colour;
        line.LineWidth = 1.5f;
    }

    private void DrawLabels(Plot plot)
    {
        // The axes take the rest of the width and of the height.
        foreach (var (point, side) in LabelPlacement.Of(chart, Width * 0.85, Height * 0.75))
        {
            var at = At(point.X, point.Y);
            var text = plot.Add.Text(point.ShownLabel!, at.X, at.Y);
            text.LabelFontColor = Color.FromHex(FigureColours.Ink);
            text.LabelFontSize = FontSize - 2;
            (text.LabelAlignment, text.OffsetX, text.OffsetY) = side switch
            {
                LabelSide.Right => (Alignment.MiddleLeft, 8, 0),
                LabelSide.Left => (Alignment.MiddleRight, -8, 0),
                LabelSide.Above => (Alignment.LowerCenter, 0, -6),
                _ => (Alignment.UpperCenter, 0, 6),
            };
        }
    }

    private Coordinates At(double x, double y) => new(AxisRange.Drawn(chart.X.Scale, x), AxisRange.Drawn(chart.Y.Scale, y));

    private static void Mark(IAxis axis, AxisRange range, Charts.Axis shown)
    {
        var ticks = new ScottPlot.TickGenerators.NumericManual();
        foreach (var (position, text) in shown.Names?.Select((name, index) => (index + 1.0, name)) ?? range.Ticks())
        {
            if (text.Length > 0)
                ticks.AddMajor(position, text);
            else
                ticks.AddMinor(position);
        }

        axis.TickGenerator = ticks;
        axis.Label.Text = shown.Label;
        axis.Label.Bold = false;
        axis.Label.FontSize = FontSize;
        axis.TickLabelStyle.FontSize = FontSize - 1;
    }

    private void Legend(Plot plot)
    {
        if (!chart.Series.Any(series => series.Legend is not null))
            return;
        var legend = plot.ShowLegend(Edge.Bottom).Legend;
        legend.Orientation = Orientation.Horizontal;
        legend.TightHorizontalWrapping = true;
        legend.FontSize = FontSize - 2;
        legend.FontColor = Color.FromHex(FigureColours.Ink);
        legend.OutlineWidth = 0;
        legend.BackgroundColor = Colors.Transparent;
        legend.ShadowColor = Colors.Transparent;
    }
}
