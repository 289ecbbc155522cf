using System.Globalization;
using System.Xml.Linq;
using SkiaSharp;
using TrainHarness.Reports.Charts;

namespace TrainHarness.Reports.Figures;

/// <summary>A drawn figure whose text has become outlines: it needs no font, and says in words what it shows.</summary>
internal static class OutlinedSvg
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";
    private static readonly XNamespace Link = "http://www.w3.org/1999/xlink";

    /// <summary>A line drawn with it becomes dashes.</summary>
    public const byte AlphaOfDashes = 254;

    public static string From(string drawn, Chart chart)
    {
        var document = XDocument.Parse(drawn);
        var root = document.Root!;
        var glyphs = new Dictionary<char, string>();
        foreach (var text in root.Descendants(Svg + "text").ToList())
            text.ReplaceWith(Outline(text, glyphs));
        foreach (var style in root.Descendants(Svg + "style").ToList())
            style.Remove();
        foreach (var dashed in root.Descendants().Where(IsDashed).ToList())
        {
            dashed.SetAttributeValue("stroke-opacity", null);
            dashed.SetAttributeValue("stroke-dasharray", "8 6");
        }

        Renumber(root);
        root.SetAttributeValue("viewBox", $"0 0 {root.Attribute("width")!.Value} {root.Attribute("height")!.Value}");
        root.SetAttributeValue("role", "img");
        root.AddFirst(
            new XElement(Svg + "title", chart.Title),
            new XElement(Svg + "desc", chart.Description),
            new XElement(
                Svg + "defs",
                glyphs.Select(glyph => new XElement(Svg + "path", new XAttribute("id", Id(glyph.Key)), new XAttribute("d", glyph.Value)))
            )
        );
        return document.ToString(SaveOptions.DisableFormatting) + "\n";
    }

    private static bool IsDashed(XElement drawn) =>
        drawn.Attribute("stroke-opacity") is { } opacity && Math.Round(Number(opacity) * byte.MaxValue) == AlphaOfDashes;

    /// <summary>Skia numbers its clips on through the life of a process; from 1 the same chart gives the same file.</summary>
    private static void Renumber(XElement root)
    {
        var names = root.Descendants()
            .Attributes("id")
            .Index()
            .ToDictionary(pair => pair.Item.Value, pair => string.Create(CultureInfo.InvariantCulture, $"clip-{pair.Index + 1}"));
        foreach (var attribute in root.Descendants().Attributes().ToList())
        {
            if (attribute.Name == "id")
                attribute.Value = names[attribute.Value];
            else if (attribute.Value.StartsWith("url(#", StringComparison.Ordinal))
                attribute.Value = $"url(#{names[attribute.Value[5..^1]]})";
        }
    }

    private static XElement Outline(XElement text, Dictionary<char, string> glyphs)
    {
        var size = Number(text.Attribute("font-size"));
        var across = Numbers(text.Attribute("x"));
        var up = Numbers(text.Attribute("y"));
        // Skia sets the text on a line of its own.
        var letters = text.Value.Trim();
        var group = new XElement(Svg + "g", text.Attributes("fill"), text.Attributes("transform"), text.Attributes("fill-opacity"));
        for (var index = 0; index < letters.Length && index < across.Count; index++)
        {
            var letter = letters[index];
            if (char.IsWhiteSpace(letter))
                continue;
            if (!glyphs.ContainsKey(letter))
                glyphs.Add(letter, PathOf(letter));
            group.Add(
                new XElement(
                    Svg + "use",
                    new XAttribute(Link + "href", "#" + Id(letter)),
                    new XAttribute(
                        "transform",
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"translate({across[index]:0.##} {up[Math.Min(index, up.Count - 1)]:0.##}) scale({size / Unit:0.####})"
                        )
                    )
                )
            );
        }

        return group;
    }

    /// <summary>Size at which the outlines are taken.</summary>
    private const int Unit = 100;

    private static string PathOf(char letter)
    {
        using var font = new SKFont(FigureFont.Typeface, Unit) { Subpixel = true, Hinting = SKFontHinting.None };
        using var path = font.GetTextPath(letter.ToString(), new SKPoint(0, 0));
        return path.ToSvgPathData();
    }

    private static string Id(char letter) => string.Create(CultureInfo.InvariantCulture, $"glyph-{(int)letter:x}");

    private static List<double> Numbers(XAttribute? list) =>
        [
            .. (list?.Value ?? "0")
                .Split([',', ' '], StringSplitOptions.RemoveEmptyEntries)
                .Select(number => double.Parse(number, CultureInfo.InvariantCulture)),
        ];

    private static double Number(XAttribute? number) => Numbers(number)[0];
}
