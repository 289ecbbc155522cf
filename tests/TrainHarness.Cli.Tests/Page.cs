using System.Text.RegularExpressions;

namespace TrainHarness.Cli.Tests;

/// <summary>A page of the documentation, as far as tests look into it.</summary>
internal sealed partial record Page(string Name, string Text)
{
    /// <summary>All of them: those of the root, of docs/, and those of results/ that people wrote.</summary>
    public static IReadOnlyList<Page> All { get; } =
    [
        .. Directory
            .EnumerateFiles(Trainharness.Repository, "*.md")
            .Concat(Directory.EnumerateFiles(Path.Combine(Trainharness.Repository, "docs"), "*.md", SearchOption.AllDirectories))
            .Append(Path.Combine(Trainharness.Repository, "results", "PROTOCOL.md"))
            .Append(Path.Combine(Trainharness.Repository, "results", "README.md"))
            .Order(StringComparer.Ordinal)
            .Select(file => new Page(
                Path.GetRelativePath(Trainharness.Repository, file).Replace('\\', '/'),
                File.ReadAllText(file).ReplaceLineEndings("\n")
            )),
    ];

    public static Page Of(string name) => All.Single(page => page.Name == name);

    /// <summary>What stands between fences, with the word behind the first fence.</summary>
    public IEnumerable<Block> Blocks =>
        Fences().Matches(Text).Select(match => new Block(match.Groups["language"].Value, match.Groups["text"].Value));

    /// <summary>The text without what stands between fences.</summary>
    public string Prose => Fences().Replace(Text, "");

    public IEnumerable<string> CodeSpans => Spans().Matches(Prose).Select(match => match.Groups[1].Value);

    public IEnumerable<string> Links =>
        LinkTargets()
            .Matches(Prose)
            .Select(match => match.Groups[1].Value)
            .Where(link => !link.StartsWith("http", StringComparison.Ordinal));

    /// <summary>What links to a heading end with, as GitHub makes it.</summary>
    public IEnumerable<string> Anchors =>
        Headings().Matches(Prose).Select(match => NoLetters().Replace(match.Groups[1].Value.ToLowerInvariant(), "").Replace(' ', '-'));

    public sealed record Block(string Language, string Text);

    [GeneratedRegex("^```(?<language>[a-z]*)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fences();

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Spans();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex LinkTargets();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Headings();

    [GeneratedRegex("[^a-z0-9 _-]")]
    private static partial Regex NoLetters();
}
