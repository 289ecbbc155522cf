using System.Text.RegularExpressions;
using TrainHarness.Cli.Commands;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training;

namespace TrainHarness.Cli.Tests;

/// <summary>What README and the pages of docs/ show: commands that can be pasted, files that are read, links that lead somewhere.</summary>
public sealed partial class DocumentationTests : IDisposable
{
    // What answers at once, from what came with the program.
    private static readonly string[] Quick =
    [
        "published",
        "estimate",
        "flops",
        "architectures",
        "recipes",
        "datasets",
        "help",
        "--version",
        "--help",
    ];

    private readonly WorkFolder folder = new();

    public static TheoryData<string> Pages => [.. Page.All.Select(page => page.Name)];

    public static TheoryData<string> QuickCommands =>
        [
            .. Page
                .All.SelectMany(Shown)
                .Where(line =>
                    Words(line) is var words && Quick.Contains(words[0]) && !words.Contains("prepare") && !words.Contains("verify")
                )
                .Distinct(),
        ];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_command_of_a_page_is_one_of_the_program(string page)
    {
        var lines = Shown(Page.Of(page)).Concat(Page.Of(page).CodeSpans.Where(IsCommand)).Concat(Transcripts(Page.Of(page)));

        Assert.Empty(
            lines.Select(line => CommandLine.Problem(CommandLine.Create(WorkloadCatalog.Shipped).Parse(Words(line)))).OfType<string>()
        );
    }

    [Fact]
    public void README_shows_the_commands_that_a_stranger_needs()
    {
        var verbs = Shown(Page.Of("README.md")).Select(line => string.Join(' ', Words(line).Take(2))).ToHashSet();

        Assert.Superset((HashSet<string>)["study run", "study plan", "datasets prepare"], verbs);
    }

    // Files that a page itself shows are there, too.
    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Every_study_that_a_command_names_is_there(string page)
    {
        WriteShownFiles();
        var commands = Shown(Page.Of(page)).Select(Words).ToList();
        await WriteNewFiles(commands);
        var studies = commands
            .Where(words => words[0] == "study")
            .Select(words => words[2])
            .Concat(commands.Where(words => words.Contains("--study")).Select(words => words[Array.IndexOf(words, "--study") + 1]));
        foreach (var study in studies.Where(study => !study.All(char.IsAsciiLetterUpper)))
            Assert.NotEmpty(StudyReader.Read(Place(study), WorkloadCatalog.Shipped.Vocabularies).Entries);
    }

    [Theory]
    [MemberData(nameof(QuickCommands))]
    public async Task A_command_that_takes_a_moment_answers(string line)
    {
        await WriteNewFiles(
            Page.All.SelectMany(Shown)
                .Select(Words)
                .Where(words => words is ["new", _, var name, ..] && line.Contains($"{name}.", StringComparison.Ordinal))
        );
        var run = await Trainharness.Run(folder.Path, Words(line));

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.NotEmpty(run.Output);
    }

    [Fact]
    public void Every_configuration_that_a_page_shows_is_read()
    {
        var files = WriteShownFiles();
        Assert.Equal(["datasets", "recipes", "studies"], files.Select(file => file.Split('/')[1]).Distinct().Order(StringComparer.Ordinal));
        foreach (var file in files)
        {
            var (kind, name) = (file.Split('/')[1], Path.GetFileNameWithoutExtension(file));
            object read = kind switch
            {
                "studies" => StudyReader.Read(folder[file], WorkloadCatalog.Shipped.Vocabularies),
                "recipes" => RecipeReader.Read(name, ConfigurationNode.Load(folder[file])),
                _ => DatasetReader.Read(name, ConfigurationNode.Load(folder[file])),
            };
            Assert.NotNull(read);
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_of_a_page_leads_somewhere(string page)
    {
        foreach (var link in Page.Of(page).Links)
        {
            var (path, anchor) = (link.Split('#')[0], link.Split('#').ElementAtOrDefault(1));
            var target =
                path.Length == 0
                    ? page
                    : Path.GetRelativePath(
                            Trainharness.Repository,
                            Path.Combine(Trainharness.Repository, Path.GetDirectoryName(page)!, path)
                        )
                        .Replace('\\', '/');
            Assert.True(Path.Exists(Path.Combine(Trainharness.Repository, target)), $"{page} links to {link}");
            if (anchor is not null)
                Assert.Contains(anchor, Page.Of(target).Anchors);
        }
    }

    // A report that is shown in the repository is read there, without being made again.
    [Fact]
    public void Every_figure_of_a_report_in_results_lies_beside_it()
    {
        var reports = Directory.GetFiles(Path.Combine(Trainharness.Repository, "results"), "report.md", SearchOption.AllDirectories);
        Assert.NotEmpty(reports);
        foreach (var report in reports)
            Assert.All(
                new Page(report, File.ReadAllText(report)).Links.Where(link => link.StartsWith("figures/", StringComparison.Ordinal)),
                link => Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(report)!, link)), $"{report} shows {link}")
            );
    }

    [Fact]
    public void Every_chapter_is_in_the_index() =>
        Assert.All(
            Page.All.Where(page =>
                page.Name.StartsWith("docs/", StringComparison.Ordinal)
                && page.Name.Count(letter => letter == '/') == 1
                && page.Name != "docs/README.md"
            ),
            page => Assert.Contains(page.Name["docs/".Length..], Page.Of("docs/README.md").Links)
        );

    // Such code is compiled, and most of it run, where it is quoted from.
    [Fact]
    public void Code_that_a_page_shows_is_quoted_from_a_file()
    {
        var pages = Page.All.Where(page => page.Blocks.Any(block => block.Language == "csharp")).ToList();
        Assert.NotEmpty(pages);
        foreach (var page in pages)
        {
            var quotes = Quote().Matches(page.Text);
            Assert.Equal(page.Blocks.Count(block => block.Language == "csharp"), quotes.Count);
            Assert.All(quotes, quote =>
                Assert.Contains(
                    Unindented(quote.Groups["text"].Value),
                    Unindented(File.ReadAllText(Path.Combine(Trainharness.Repository, quote.Groups["file"].Value))),
                    StringComparison.Ordinal
                )
            );
        }
    }

    [Fact]
    public void Continuous_integration_runs_the_tests_as_README_and_CONTRIBUTING_say()
    {
        var script = File.ReadAllText(Path.Combine(Trainharness.Repository, ".ci", "run"));
        foreach (
            var (page, lane) in ((string, string)[])
                [("README.md", "--filter-not-trait Lane=long"), ("CONTRIBUTING.md", "--filter-trait Lane=long")]
        )
        {
            var command = $"dotnet test -c Release {lane}";
            Assert.Contains(Page.Of(page).Blocks, block => block.Text.Split('\n').Contains(command));
            Assert.Contains(command, script, StringComparison.Ordinal);
        }
    }

    private static string Unindented(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim())).Trim();

    // Fenced lines that somebody would paste.
    private static IEnumerable<string> Shown(Page page) =>
        page.Blocks.Where(block => block.Language is "bash" or "").SelectMany(block => block.Text.Split('\n')).Where(IsCommand);

    // What a page shows beside its answer; it may be one that fails.
    private static IEnumerable<string> Transcripts(Page page) =>
        page
            .Blocks.SelectMany(block => block.Text.Split('\n'))
            .Where(line => line.StartsWith("$ ", StringComparison.Ordinal) && IsCommand(line[2..]))
            .Select(line => line[2..]);

    private static bool IsCommand(string line) => Command().IsMatch(line);

    /// <summary>The words behind the program's name, as a shell splits them.</summary>
    private static string[] Words(string line)
    {
        var arguments = line[Command().Match(line).Length..];
        return [.. Word().Matches(End().Replace(arguments, "")).Select(match => match.Value.Trim('\'', '"'))];
    }

    /// <exception cref="ConfigurationException">It is nowhere.</exception>
    private string Place(string study) =>
        new[] { folder[study], Path.Combine(Trainharness.Repository, study) }.FirstOrDefault(File.Exists) ?? StudyFile.Find(study);

    private async Task WriteNewFiles(IEnumerable<string[]> commands)
    {
        foreach (var words in commands.Where(words => words[0] == "new"))
            Assert.Equal(0, (await Trainharness.Run(folder.Path, words)).ExitCode);
    }

    private List<string> WriteShownFiles()
    {
        var files = new List<string>();
        foreach (var block in Page.All.SelectMany(page => page.Blocks).Where(block => block.Language == "yaml"))
        {
            if (!ShownFile().IsMatch(block.Text))
                continue;
            files.Add(ShownFile().Match(block.Text).Groups[1].Value);
            folder.Write(files[^1], block.Text);
        }

        return files;
    }

    // Variables may be set before it.
    [GeneratedRegex(@"^([A-Za-z_]+=\S* )*(\./)?trainharness (?=[a-z'-])")]
    private static partial Regex Command();

    // A comment, or what another program does with the answer.
    [GeneratedRegex(@"\s+(#|\||>|&&).*$")]
    private static partial Regex End();

    [GeneratedRegex("""'[^']*'|"[^"]*"|\S+""")]
    private static partial Regex Word();

    [GeneratedRegex("<!-- from (?<file>[^ ]+) -->\n```csharp\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Quote();

    [GeneratedRegex("^# (configs/[a-z]+/[a-z0-9-]+\\.yaml)\n")]
    private static partial Regex ShownFile();
}
