using System.Text.RegularExpressions;

namespace TrainHarness.Training.Workloads.Translation.Scoring;

/// <summary>
/// mteval-v13a as sacreBLEU does it. Only punctuation of ASCII is set apart, and of it neither apostrophe nor hyphen (but for one after a
/// digit); « and ’ stay where they are.
/// </summary>
internal static partial class Tokenizer13a
{
    // In this order: "&amp;lt;" becomes "<".
    private static readonly (string Written, string Meant)[] Entities = [("&quot;", "\""), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")];

    /// <summary>The line with blanks between its words.</summary>
    public static string Separate(string line)
    {
        var text = line.Replace("<skipped>", "", StringComparison.Ordinal).Replace("-\n", "", StringComparison.Ordinal).Replace('\n', ' ');
        foreach (var (written, meant) in Entities)
            text = text.Replace(written, meant, StringComparison.Ordinal);
        text = Punctuation().Replace($" {text} ", " $1 ");
        text = PointAfterOther().Replace(text, "$1 $2 ");
        text = PointBeforeOther().Replace(text, " $1 $2");
        return HyphenAfterDigit().Replace(text, "$1 $2 ");
    }

    [GeneratedRegex(@"([\{-\~\[-\` -\&\(-\+\:-\@\/])")]
    private static partial Regex Punctuation();

    [GeneratedRegex(@"([^0-9])([\.,])")]
    private static partial Regex PointAfterOther();

    [GeneratedRegex(@"([\.,])([^0-9])")]
    private static partial Regex PointBeforeOther();

    [GeneratedRegex(@"([0-9])(-)")]
    private static partial Regex HyphenAfterDigit();
}
