using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using System.Text.Unicode;

namespace TrainHarness.Reports.Html;

/// <summary>Text on its way into a page.</summary>
internal static partial class HtmlText
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    /// <summary>Safe as content and inside quoted attributes.</summary>
    public static string Escaped(string text) => Encoder.Encode(text);

    /// <summary>Escaped, with the bold passages of report.md.</summary>
    public static string WithBold(string markdown) => Bold().Replace(Escaped(markdown), "<strong>$1</strong>");

    [GeneratedRegex(@"\*\*(.+?)\*\*")]
    private static partial Regex Bold();
}
