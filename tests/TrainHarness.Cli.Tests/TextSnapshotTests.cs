using TrainHarness.Tests;

namespace TrainHarness.Cli.Tests;

/// <summary>What the commands print for people, whole. What depends on the machine is in no snapshot: plan, doctor, datasets.</summary>
public sealed class TextSnapshotTests : IDisposable
{
    private readonly WorkFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("published", "published")]
    [InlineData("published-alexnet", "published --level alexnet")]
    [InlineData("estimate", "estimate --gpu L4 --count 2 --hours 3")]
    [InlineData("architectures", "architectures")]
    [InlineData("recipes", "recipes")]
    [InlineData("flops", "flops alexnet --layers")]
    [InlineData("study-status", "study status configs/studies/small.yaml")]
    [InlineData("report", "report results/synthetic")]
    public async Task A_command_prints_the_same_text_as_before_also_where_numbers_have_a_comma(string name, string arguments)
    {
        new SyntheticStudy(6, 3, 40).WriteTo(folder["results/synthetic"]);
        foreach (var language in (string[])["C.UTF-8", "de_DE.UTF-8"])
        {
            var run = await Trainharness.Run(folder.Path, [("LANG", language), ("LC_ALL", language)], arguments.Split(' '));
            Assert.True(run.ExitCode == 0, run.Error);
            Assert.Equal("", run.Error);
            Snapshot.Matches($"{name}.txt", string.Join('\n', run.Output.ReplaceLineEndings("\n").Replace(folder.Path, ".", StringComparison.Ordinal).Split('\n').Select(line => line.TrimEnd())));
        }
    }
}
