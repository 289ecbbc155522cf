using System.Text.RegularExpressions;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;

namespace TrainHarness.Cli.Tests.Terminal;

/// <summary>What every command shows at the widths that terminals have.</summary>
public sealed partial class TerminalTests : IDisposable
{
    private static readonly int[] Widths = [40, 60, 80, 120, 200];

    private readonly WorkFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("flops alexnet")]
    [InlineData("flops alexnet --layers")]
    [InlineData("recipes")]
    [InlineData("datasets")]
    [InlineData("published")]
    [InlineData("estimate --gpu L4 --count 2 --hours 3 --macs 2.43e17")]
    [InlineData("doctor", 40, 80)]
    [InlineData("study status configs/studies/small.yaml")]
    [InlineData("report results/synthetic")]
    public async Task No_command_breaks_a_word_at_any_width(string command, params int[] widths)
    {
        new SyntheticStudy(3, 3, 10).WriteTo(folder["results/synthetic"]);
        var whole = await Shown(command, width: null);
        var json = await Trainharness.Run(folder.Path, [.. command.Split(' '), "--json"]);
        // What is whole in JSON, and what is a name there, and is shown at all.
        var names = NumberOrName().Matches(json.Output).Select(match => match.Value.Trim('"')).Distinct();
        string[] exact = [.. names.Where(name => WordsOf(whole).Contains(name) && !(Measured(command) && name.All(char.IsDigit)))];
        Assert.NotEmpty(exact);
        foreach (var width in widths.Length == 0 ? Widths : widths)
        {
            var text = await Shown(command, width);
            var words = WordsOf(text);
            Assert.All(exact, value => Assert.Contains(value, words));
            Assert.All(WordsOf(whole).Where(word => word.Any(char.IsDigit) && !Measured(command)), word => Assert.Contains(word, words));
            Assert.All(text.Split('\n'), line => RequireWidth(line, width));
        }
    }

    // Building every network takes a while, so it is done once.
    [Fact]
    public async Task Architectures_are_whole_on_the_narrowest_terminal()
    {
        var words = WordsOf(await Shown("architectures", 40));
        Assert.All(ArchitectureCatalog.All, architecture => Assert.Contains(architecture.Name, words));
        // torchvision's parameters of AlexNet, ResNet-50 and VGG-16.
        Assert.All((string[])["61100840", "25557032", "138357544", "2015-12-10"], number => Assert.Contains(number, words));
    }

    [Fact]
    public async Task A_plan_and_the_lines_of_a_study_do_not_break_either_and_a_pipe_has_whole_lines()
    {
        folder.Write("configs/studies/small.yaml", WorkFolder.QuickStudy);
        (string, string)[] narrow = [("COLUMNS", "40")];
        var plan = await Trainharness.Run(folder.Path, narrow, "study plan configs/studies/small.yaml --device cpu".Split(' '));
        Assert.Equal(0, plan.ExitCode);
        string[] planned = ["squeezenet1_1.small/seed-1", "shufflenet_v2_x1_0.small/seed-1", "240"];
        Assert.All(planned, word => Assert.Contains(word, WordsOf(plan.Output)));
        var run = await Trainharness.Run(folder.Path, narrow, "study run configs/studies/small.yaml --device cpu".Split(' '));
        Assert.True(run.ExitCode == 0, run.Error);
        string[] told = ["squeezenet1_1.small/seed-1:", "shufflenet_v2_x1_0.small", "multiply-adds,"];
        Assert.All(told, word => Assert.Contains(word, WordsOf(run.Output)));
        Assert.All(run.Output.Split('\n'), line => RequireWidth(line, 40));
    }

    [Fact]
    public async Task A_dumb_terminal_gets_plain_lines_and_another_gets_live_ones_without_colours()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs script of util-linux");
        folder.Write("configs/studies/small.yaml", WorkFolder.QuickStudy);
        var dumb = await OnTerminal("dumb");
        Assert.Contains("squeezenet1_1.small/seed-1: epoch ", dumb, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', dumb);
        Directory.Delete(folder["results"], recursive: true);
        var live = await OnTerminal("xterm-256color");
        Assert.Contains("\e[K", live, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\e\[[\d;]*m", live);
        Assert.Contains("small: 2 trials, 2 done, 0 pending, 0 failed.", live, StringComparison.Ordinal);
    }

    // The tests themselves may run in continuous integration, which gets plain lines whatever the terminal is.
    private async Task<string> OnTerminal(string kind) =>
        (
            await Trainharness.Run(
                folder.Path,
                "script",
                [("TERM", kind), ("NO_COLOR", "1"), ("LD_PRELOAD", "")],
                [
                    "-qec",
                    $"stty cols 80 rows 24; env -u CI -u GITHUB_ACTIONS '{Trainharness.Program}' study run configs/studies/small.yaml "
                        + $"--device cpu",
                    "/dev/null",
                ]
            )
        ).Output;

    private async Task<string> Shown(string command, int? width)
    {
        var run = await Trainharness.Run(folder.Path, [("COLUMNS", $"{width}")], command.Split(' '));
        Assert.True(run.ExitCode is 0 or 1, run.Error);
        return run.Output;
    }

    // Free memory and disk are others each time.
    private static bool Measured(string command) => command == "doctor";

    // A word may be longer than a line.
    private static void RequireWidth(string line, int width) =>
        Assert.True(line.Length <= width || line.Trim().Split(' ').Length <= 2, $"{width}: {line}");

    private static HashSet<string> WordsOf(string text) =>
        [.. text.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)];

    [GeneratedRegex("(?<![\\w.])\\d{3,}(?![\\w.])|\"[\\w.-]+\"(?!:)")]
    private static partial Regex NumberOrName();
}
