namespace TrainHarness.Reports.Figures;

/// <summary>The colours of a figure that a page replaces by its own, light or dark.</summary>
internal static class FigureColours
{
    public const string Ink = "#1f2329";
    public const string Grid = "#e3e6ea";
}
