using TrainHarness.Reports.Charts;

namespace TrainHarness.Reports.Figures;

/// <summary>A chart with its two pictures.</summary>
/// <param name="IsInteractive">The page shows it by plotly.js.</param>
public sealed record DrawnChart(Chart Chart, bool IsInteractive, string Svg, byte[] Png)
{
    public static DrawnChart Of(Chart chart, bool isInteractive)
    {
        var figure = new Figure(chart);
        return new DrawnChart(chart, isInteractive, figure.ToSvg(), figure.ToPng());
    }
}
