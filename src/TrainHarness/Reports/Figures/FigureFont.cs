using ScottPlot;
using SkiaSharp;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Reports.Figures;

/// <summary>
/// The font of all figures, Inter (SIL Open Font License 1.1), from this assembly: a figure looks the same on a machine with no fonts.
/// </summary>
public static class FigureFont
{
    public const string Name = "Inter";

    private static readonly Lazy<SKTypeface> Loaded = new(Load);

    public static SKTypeface Typeface => Loaded.Value;

    private static SKTypeface Load()
    {
        using var stream = EmbeddedFile.Open("Inter-Regular.ttf");
        using var data = SKData.Create(stream);
        var typeface = SKTypeface.FromData(data);
        Fonts.FontResolvers.Insert(0, new Resolver(typeface));
        Fonts.Default = Name;
        return typeface;
    }

    /// <summary>One face for every weight and slant.</summary>
    private sealed class Resolver(SKTypeface typeface) : IFontResolver
    {
        public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
            fontName == Name ? typeface : null;

        public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => fontName == Name ? typeface : null;
    }
}
