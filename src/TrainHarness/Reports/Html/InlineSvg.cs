using System.Xml.Linq;
using TrainHarness.Reports.Figures;

namespace TrainHarness.Reports.Html;

/// <summary>
/// A drawn figure as a part of a page: its names are its own, and the page's colours, light or dark, replace its paper and ink.
/// </summary>
internal static class InlineSvg
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    public static string Of(string svg, string name)
    {
        var root = XDocument.Parse(svg).Root!;
        root.Descendants(Svg + "rect").FirstOrDefault(rectangle => rectangle.Attribute("fill")?.Value == "white")?.Remove();
        foreach (var attribute in root.DescendantsAndSelf().Attributes().Where(attribute => !attribute.IsNamespaceDeclaration).ToList())
            attribute.Value = Replaced(attribute, name);
        root.SetAttributeValue("width", null);
        root.SetAttributeValue("height", null);
        root.SetAttributeValue("aria-labelledby", "title-" + name);
        root.Element(Svg + "title")?.Remove();
        root.Element(Svg + "desc")?.Remove();
        return root.ToString(SaveOptions.DisableFormatting);
    }

    private static string Replaced(XAttribute attribute, string name) =>
        attribute.Name.LocalName switch
        {
            "id" => $"{name}-{attribute.Value}",
            "href" when attribute.Value.StartsWith('#') => $"#{name}-{attribute.Value[1..]}",
            _ when attribute.Value.StartsWith("url(#", StringComparison.Ordinal) => $"url(#{name}-{attribute.Value[5..]}",
            "fill" or "stroke" => attribute.Value.ToLowerInvariant() switch
            {
                FigureColours.Ink => "currentColor",
                FigureColours.Grid => "var(--grid)",
                "white" => "var(--paper)",
                _ => attribute.Value,
            },
            _ => attribute.Value,
        };
}
