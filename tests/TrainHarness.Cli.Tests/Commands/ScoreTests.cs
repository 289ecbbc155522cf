using System.IO.Compression;
using System.Text.Json.Nodes;

namespace TrainHarness.Cli.Tests.Commands;

/// <summary><c>score bleu</c> by the real program.</summary>
public sealed class ScoreTests : IDisposable
{
    private readonly WorkFolder folder = new();

    public ScoreTests()
    {
        folder.Write("out.txt", "the cat sat on the mat .\nA-B\n");
        folder.Write("wanted.txt", "the cat sat on a mat .\na-b\n");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_file_of_translations_is_scored_as_json()
    {
        var answer = await Score("--hypothesis", "out.txt", "--reference", "wanted.txt", "--tokenize", "none", "--lowercase");
        // By hand: of 8, 6, 5 and 4 n-grams 7, 4, 2 and 1 match; no penalty.
        Assert.Equal(100 * Math.Pow(7 / 8.0 * (4 / 6.0) * (2 / 5.0) * (1 / 4.0), 0.25), (double)answer["score"]!, 1e-9);
        Assert.Equal("nrefs:1|case:lc|eff:no|tok:none|smooth:exp", (string)answer["signature"]!);
        Assert.Equal(
            "[7,4,2,1][8,6,5,4]",
            answer["counts"]!.ToJsonString().Replace(" ", "", StringComparison.Ordinal).ReplaceLineEndings("")
                + answer["totals"]!.ToJsonString().ReplaceLineEndings("")
        );
        Assert.Equal((1.0, 8, 8), ((double)answer["brevityPenalty"]!, (int)answer["hypothesisLength"]!, (int)answer["referenceLength"]!));
    }

    [Fact]
    public async Task A_packed_file_scores_as_a_plain_one()
    {
        using (var packed = new GZipStream(File.Create(folder["out.txt.gz"]), CompressionLevel.Fastest))
            packed.Write(File.ReadAllBytes(folder["out.txt"]));
        var plain = await Score("--hypothesis", "out.txt", "--reference", "wanted.txt");
        Assert.Equal(plain.ToJsonString(), (await Score("--hypothesis", "out.txt.gz", "--reference", "wanted.txt")).ToJsonString());
    }

    [Fact]
    public async Task Without_json_it_prints_the_line_of_sacrebleu()
    {
        var run = await Trainharness.Run(folder.Path, "score", "bleu", "--hypothesis", "wanted.txt", "--reference", "wanted.txt");
        Assert.Equal(
            "BLEU|nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp = 100.00 100.0/100.0/100.0/100.0 (BP = 1.000 hyp_len = 8 ref_len = 8)",
            run.Output.Trim()
        );
    }

    [Theory]
    [InlineData("short.txt", "wanted.txt", "13a", "short.txt has 1 lines and wanted.txt 2; allowed: as many.")]
    [InlineData("latin.txt", "wanted.txt", "13a", "latin.txt:2:4: the line is not UTF-8; allowed: text in UTF-8.")]
    [InlineData("zero.txt", "wanted.txt", "13a", "zero.txt:1:3: the line holds a control character; allowed: text.")]
    [InlineData("missing.txt", "wanted.txt", "13a", "missing.txt: no such file.")]
    [InlineData("out.txt", "empty.txt", "13a", "empty.txt: the file is empty; allowed: a line for every translation.")]
    [InlineData("out.txt", "wanted.txt", "intl", "--tokenize: unknown tokenizer 'intl'; allowed: 13a, none.")]
    [InlineData("broken.gz", "wanted.txt", "13a", "broken.gz: cannot be read (Error GZIP header, first magic byte doesn't match).")]
    public async Task What_cannot_be_scored_is_one_line(string hypothesis, string reference, string tokenizer, string problem)
    {
        folder.Write("short.txt", "one\n");
        folder.Write("zero.txt", "a \0b\nc\n");
        folder.Write("empty.txt", "");
        folder.Write("broken.gz", "this is no archive");
        File.WriteAllBytes(folder["latin.txt"], [.. "one\ncaf"u8, 0xE9, .. "\n"u8]);
        var run = await Trainharness.Run(
            folder.Path,
            "score",
            "bleu",
            "--hypothesis",
            hypothesis,
            "--reference",
            reference,
            "--tokenize",
            tokenizer
        );
        Assert.Equal((2, problem), (run.ExitCode, run.Error.Trim()));
    }

    private async Task<JsonNode> Score(params string[] options)
    {
        var run = await Trainharness.Run(folder.Path, ["score", "bleu", .. options, "--json"]);
        Assert.True(run.ExitCode == 0, run.Error);
        return JsonNode.Parse(run.Output)!;
    }
}
