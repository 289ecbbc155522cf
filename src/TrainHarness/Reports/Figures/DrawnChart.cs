using TrainHarness.Reports.Charts;

namespace TrainHarness.Reports.Figures;

/// <summary>A chart with its two pictures.</summary>
public sealed record DrawnChart(Chart Chart, string Svg, byte[] Png)
{
    public static DrawnChart Of(Chart chart)
    {
        var figure = new Figure(chart);
        return new DrawnChart(chart, figure.ToSvg(), figure.ToPng());
    }
}
