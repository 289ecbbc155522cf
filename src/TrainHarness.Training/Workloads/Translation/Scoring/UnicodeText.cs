using System.Text;

namespace TrainHarness.Training.Workloads.Translation.Scoring;

/// <summary>White space and lower case as Python has them, which sacreBLEU is written in.</summary>
internal static class UnicodeText
{
    private const char CapitalDottedI = '\u0130';
    private const char CapitalSigma = '\u03A3';
    private const char FinalSigma = '\u03C2';

    /// <summary>What <c>str.split()</c> splits at: that of .NET and the four separators of ASCII.</summary>
    public static char[] WhiteSpace { get; } =
    [
        .. Enumerable
            .Range(0, char.MaxValue + 1)
            .Select(code => (char)code)
            .Where(letter => char.IsWhiteSpace(letter) || letter is >= '\u001C' and <= '\u001F'),
    ];

    /// <summary>As <c>str.lower()</c>: letter by letter, but for the two that .NET keeps or takes another for.</summary>
    public static string Lower(string text)
    {
        var lower = text.ToLowerInvariant();
        if (!text.Contains(CapitalDottedI) && !text.Contains(CapitalSigma))
            return lower;
        var changed = new StringBuilder(text.Length + 1);
        for (var place = 0; place < text.Length; place++)
        {
            _ = text[place] switch
            {
                CapitalDottedI => changed.Append("i\u0307"),
                CapitalSigma when EndsWord(text, place) => changed.Append(FinalSigma),
                _ => changed.Append(lower[place]),
            };
        }

        return changed.ToString();
    }

    private static bool EndsWord(string text, int place) =>
        place > 0 && char.IsLetter(text[place - 1]) && (place + 1 == text.Length || !char.IsLetter(text[place + 1]));
}
