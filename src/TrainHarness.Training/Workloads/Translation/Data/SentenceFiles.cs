using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Language.Data;

namespace TrainHarness.Training.Workloads.Translation.Data;

/// <summary>Files of sentence pairs, read strictly: a line that is empty, or has nothing beside it, is an error that names it.</summary>
internal static class SentenceFiles
{
    /// <summary>Where they lie: the machine's business and not the study's, so that it is never written, and --data names it.</summary>
    public static Kind<string> Place { get; } = Kind.Text with { Read = node => node.PathText() };

    /// <summary>Two files whose lines are each other's translations.</summary>
    /// <exception cref="ConfigurationException">They have not as many lines, or one is empty.</exception>
    public static IReadOnlyList<SentencePair> Read(string sourceFile, string targetFile)
    {
        List<string> sources = [.. TextLines.Read(sourceFile)],
            targets = [.. TextLines.Read(targetFile)];
        if (sources.Count != targets.Count)
            throw new ConfigurationException($"{sourceFile} has {sources.Count} lines and {targetFile} {targets.Count}; allowed: as many.");
        if (sources.Count == 0)
            throw new ConfigurationException($"{sourceFile}: the file is empty; allowed: at least one sentence.");
        return
        [
            .. sources
                .Zip(targets)
                .Select((pair, line) => new SentencePair(Sentence(sourceFile, line, pair.First), Sentence(targetFile, line, pair.Second))),
        ];
    }

    /// <summary>One file: source, tab, target, and perhaps a tab and what is left out.</summary>
    /// <exception cref="ConfigurationException">A line has no tab, or nothing before or after it.</exception>
    public static IEnumerable<SentencePair> ReadTable(string file) =>
        TextLines
            .Read(file)
            .Select(
                (line, number) =>
                    line.Split('\t') is [var source, var target, ..]
                        ? new SentencePair(Sentence(file, number, source), Sentence(file, number, target))
                        : throw ConfigurationException.At(
                            file,
                            number + 1,
                            1,
                            "the line has no tab; allowed: a sentence, a tab, its translation."
                        )
            );

    public static int Words(string sentence) => sentence.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;

    private static string Sentence(string file, int line, string text) =>
        string.IsNullOrWhiteSpace(text)
            ? throw ConfigurationException.At(file, line + 1, 1, "the sentence is empty; allowed: pairs with words on both sides.")
            : text.Trim();
}
