using System.Diagnostics;
using System.Globalization;
using TrainHarness.Training.Workloads.Translation.Scoring;

namespace TrainHarness.Training.Tests.Workloads.Translation;

/// <summary>The core of BLEU, matches of word groups and the brevity penalty, against NLTK's: Reference/nltk-bleu.py.</summary>
public sealed class BleuAgainstNltkTests : IDisposable
{
    // The system's own first: another one in front of it in the path need not have what the system's packages bring.
    private static readonly string[] Pythons = ["/usr/bin/python3", "python3"];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1, 60)]
    [InlineData(2, 5)]
    [InlineData(3, 200)]
    public async Task Counts_and_score_of_drawn_lines_are_nltks(int seed, int lines)
    {
        var python = Pythons.FirstOrDefault(name => Answer(name, "-c", "import nltk.translate.bleu_score") is not null);
        Assert.SkipUnless(python is not null, "No Python with NLTK (Debian: python3-nltk).");
        var random = new Random(seed);
        List<string> references = [.. Enumerable.Range(0, lines).Select(_ => Line(random, random.Next(8, 30)))];
        // Each word may be another one, or missing: some groups of four stay. Of a shorter line NLTK counts a group that is not there.
        List<string> hypotheses = [.. references.Select(line => Changed(line, random))];
        var (first, second) = (Path.Combine(folder.Path, "hypotheses"), Path.Combine(folder.Path, "references"));
        await File.WriteAllLinesAsync(first, hypotheses, TestContext.Current.CancellationToken);
        await File.WriteAllLinesAsync(second, references, TestContext.Current.CancellationToken);
        var answer = Answer(python!, Path.Combine(AppContext.BaseDirectory, "Reference", "nltk-bleu.py"), first, second)!
            .Trim()
            .Split('\n');
        var score = Bleu.Of(hypotheses, references, new BleuRules(BleuTokenizer.None, Lowercase: false));
        Assert.Equal(answer[..4], score.Counts.Zip(score.Totals, (count, total) => FormattableString.Invariant($"{count} {total}")));
        Assert.Equal(double.Parse(answer[4], CultureInfo.InvariantCulture), score.Score, 1e-9);
    }

    private static string Line(Random random, int words) =>
        string.Join(' ', Enumerable.Range(0, words).Select(_ => (char)('a' + random.Next(8))));

    private static string Changed(string line, Random random)
    {
        var words = line.Split(' ').Where(_ => random.Next(8) > 0).Select(word => random.Next(8) > 0 ? word : "z").ToList();
        return words.Count >= 4 ? string.Join(' ', words) : line;
    }

    /// <summary>Null where there is no such program, or it fails.</summary>
    private static string? Answer(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }
            )!;
            var output = process.StandardOutput.ReadToEndAsync();
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output.GetAwaiter().GetResult() : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
