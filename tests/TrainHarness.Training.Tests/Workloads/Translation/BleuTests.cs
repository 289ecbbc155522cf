using System.Text.Json;
using TrainHarness.Training.Workloads.Translation.Scoring;

namespace TrainHarness.Training.Tests.Workloads.Translation;

/// <summary>Scores of sacreBLEU itself, on lines written for this project: Reference/bleu.json.</summary>
public sealed class BleuTests
{
    private static readonly JsonElement Reference = JsonDocument
        .Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Reference", "bleu.json")))
        .RootElement;

    public static TheoryData<int> Scores => [.. Enumerable.Range(0, Reference.GetProperty("scores").GetArrayLength())];

    public static TheoryData<string, string> Tokenised =>
        [.. Reference.GetProperty("tokenised13a").EnumerateArray().Select(pair => (pair[0].GetString()!, pair[1].GetString()!))];

    [Theory]
    [MemberData(nameof(Scores))]
    public void A_score_is_that_of_sacrebleu_with_all_its_parts(int number)
    {
        var wanted = Reference.GetProperty("scores")[number];
        List<IReadOnlyList<string>> references = [.. wanted.GetProperty("references").EnumerateArray().Select(Texts)];
        var score = Bleu.Of(Texts(wanted.GetProperty("hypotheses")), references, references[0].Count, RulesOf(wanted));
        Assert.Equal(wanted.GetProperty("score").GetDouble(), score.Score, 1e-9);
        Assert.Equal(wanted.GetProperty("brevityPenalty").GetDouble(), score.BrevityPenalty, 1e-12);
        Assert.Equal(wanted.GetProperty("signature").GetString(), score.Signature);
        Assert.Equal(wanted.GetProperty("hypothesisLength").GetInt64(), score.HypothesisLength);
        Assert.Equal(wanted.GetProperty("referenceLength").GetInt64(), score.ReferenceLength);
        // sacreBLEU prints the counts of add-k with what was added.
        var added = wanted.GetProperty("smoothing").GetString() == "add-k" ? 1 : 0;
        Assert.Equal(
            wanted.GetProperty("counts").EnumerateArray().Select((count, order) => count.GetInt64() - (order > 0 ? added : 0)),
            score.Counts
        );
        Assert.Equal(
            wanted.GetProperty("totals").EnumerateArray().Select((count, order) => count.GetInt64() - (order > 0 ? added : 0)),
            score.Totals
        );
    }

    [Theory]
    [MemberData(nameof(Tokenised))]
    public void A_line_is_separated_as_mteval_v13a_does_it(string line, string separated) =>
        Assert.Equal(separated, string.Join(' ', new BleuRules(BleuTokenizer.V13a, Lowercase: false).Words(line)));

    // By Python 3.11: "\u0130".lower(), and the last sigma of a word.
    [Theory]
    [InlineData("\u0130stanbul", "i\u0307stanbul")]
    [InlineData("\u039F\u0394\u039F\u03A3 \u03A3\u0391\u03A3", "\u03BF\u03B4\u03BF\u03C2 \u03C3\u03B1\u03C2")]
    [InlineData("\u00C9T\u00C9 STRASSE \u1E9E", "\u00E9t\u00E9 strasse \u00DF")]
    public void Lower_case_is_that_of_python(string line, string lower) =>
        Assert.Equal(lower, string.Join(' ', new BleuRules(BleuTokenizer.None, Lowercase: true).Words(line)));

    // By Python 3.11: "a\x1cb\u00a0c\u202fd".split().
    [Fact]
    public void Words_end_where_python_splits() =>
        Assert.Equal(["a", "b", "c", "d"], new BleuRules(BleuTokenizer.None, Lowercase: false).Words("a\u001Cb\u00A0c\u202Fd\u2003"));

    [Fact]
    public void A_translation_without_its_reference_is_refused() =>
        Assert.Throws<ArgumentException>(() => Bleu.Of(["one", "two"], ["one"], new BleuRules(BleuTokenizer.None, Lowercase: false)));

    private static string[] Texts(JsonElement lines) => [.. lines.EnumerateArray().Select(line => line.GetString()!)];

    private static BleuRules RulesOf(JsonElement wanted) =>
        new(
            wanted.GetProperty("tokenize").GetString() == "13a" ? BleuTokenizer.V13a : BleuTokenizer.None,
            wanted.GetProperty("lowercase").GetBoolean()
        )
        {
            Smoothing = wanted.GetProperty("smoothing").GetString() switch
            {
                "exp" => BleuSmoothing.Exp,
                "none" => BleuSmoothing.None,
                "floor" => BleuSmoothing.Floor,
                "add-k" => BleuSmoothing.AddOne,
                var other => throw new InvalidOperationException(other),
            },
        };
}
