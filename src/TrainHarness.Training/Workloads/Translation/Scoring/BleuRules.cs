namespace TrainHarness.Training.Workloads.Translation.Scoring;

/// <summary>All that decides a BLEU score besides the texts.</summary>
public sealed record BleuRules(BleuTokenizer Tokenizer, bool Lowercase)
{
    public BleuSmoothing Smoothing { get; init; } = BleuSmoothing.Exp;

    /// <summary>As sacreBLEU writes it, without its version: <c>nrefs:1|case:lc|eff:no|tok:none|smooth:exp</c>.</summary>
    public string Signature(int references) =>
        FormattableString.Invariant(
            $"nrefs:{references}|case:{(Lowercase ? "lc" : "mixed")}|eff:no|tok:{NameOf(Tokenizer)}|smooth:{NameOf(Smoothing)}"
        );

    /// <summary>The words of a line.</summary>
    public string[] Words(string line)
    {
        var text = (Lowercase ? UnicodeText.Lower(line) : line).TrimEnd(UnicodeText.WhiteSpace);
        return (Tokenizer == BleuTokenizer.V13a ? Tokenizer13a.Separate(text) : text).Split(
            UnicodeText.WhiteSpace,
            StringSplitOptions.RemoveEmptyEntries
        );
    }

    public static string NameOf(BleuTokenizer tokenizer) =>
        tokenizer switch
        {
            BleuTokenizer.V13a => "13a",
            BleuTokenizer.None => "none",
            _ => throw new ArgumentOutOfRangeException(nameof(tokenizer), tokenizer, null),
        };

    private static string NameOf(BleuSmoothing smoothing) =>
        smoothing switch
        {
            BleuSmoothing.Exp => "exp",
            BleuSmoothing.None => "none",
            BleuSmoothing.Floor => "floor[0.10]",
            BleuSmoothing.AddOne => "add-k[1.00]",
            _ => throw new ArgumentOutOfRangeException(nameof(smoothing), smoothing, null),
        };
}
