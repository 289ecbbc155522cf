using System.Text.Json.Nodes;

namespace TrainHarness.Cli.Tests.Commands;

/// <summary><c>import</c> by the real program, beside the shipped results of the quickstart.</summary>
public sealed class ImportCommandTests : IDisposable
{
    private const string Trials = """
        architecture,published,seed,dataset,metric,value,examples,trainingMacs,convention,seconds,framework
        StarNet,2024-03-29,1,synthetic-shapes,top1,0.5,1000,1000000000,exact,10,PyTorch 2.9
        StarNet,2024-03-29,1,synthetic-shapes,top1,0.999,2000,2000000000,exact,20,PyTorch 2.9
        Other,,1,synthetic-shapes,top5,0.999,2000,2000000000,exact,,
        """;

    private readonly WorkFolder folder = new();

    public ImportCommandTests()
    {
        new SyntheticStudy(2, 3, 20) { Name = "shapes" }.WriteTo(folder["results/shapes"]);
        folder.Write("trials.csv", Trials.Replace("synthetic-shapes", "shapes", StringComparison.Ordinal));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Imported_trials_stand_in_the_report_and_in_its_json()
    {
        var run = await Trainharness.Run(folder.Path, "import", "trials.csv", "--into", "shapes");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.StartsWith("Imported 2 of 2 trials.\n", run.Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains(
            "Other: no factor: measured by top5, and not by top1\n",
            run.Output.ReplaceLineEndings("\n"),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "| StarNet | 2024-03-29 | PyTorch 2.9 | exact | 1 of 1 |",
            File.ReadAllText(folder["results/shapes/report.md"]),
            StringComparison.Ordinal
        );
        var report = await Trainharness.Run(folder.Path, "report", "shapes", "--json");
        var imported = JsonNode.Parse(report.Output)!["imported"]!.AsArray();
        Assert.Equal(["Other", "StarNet"], imported.Select(entry => (string)entry!["entry"]!));
        Assert.Equal(
            ("exact", 2_000_000_000, "alexnet.sgd-step6"),
            ((string)imported[1]!["convention"]!, (long)imported[1]!["trainingMacsToTarget"]!, (string)imported[1]!["dividedBy"]!)
        );
        Assert.Null(imported[0]!["factor"]);
    }

    [Fact]
    public async Task A_second_time_changes_nothing()
    {
        await Trainharness.Run(folder.Path, "import", "trials.csv", "--into", "results/shapes");
        var again = await Trainharness.Run(folder.Path, "import", "trials.csv", "--into", "results/shapes", "--json");
        var answer = JsonNode.Parse(again.Output)!;
        Assert.Equal(("shapes", 0, 2), ((string)answer["study"]!, (int)answer["imported"]!, (int)answer["alreadyThere"]!));
    }

    [Theory]
    [InlineData("missing.csv", "shapes", "missing.csv: no such file; allowed: a CSV file of trials.")]
    [InlineData("bad.csv", "shapes", "bad.csv:2: 'value' is 'high'; allowed: a finite number.")]
    [InlineData("trials.csv", "nowhere", "nowhere: no such folder, here or in results; allowed: shapes.")]
    public async Task What_cannot_be_imported_is_one_line_and_writes_nothing(string file, string into, string problem)
    {
        folder.Write("bad.csv", File.ReadAllText(folder["trials.csv"]).Replace("0.5,", "high,", StringComparison.Ordinal));
        var run = await Trainharness.Run(folder.Path, "import", file, "--into", into);
        Assert.Equal((2, problem), (run.ExitCode, run.Error.Trim()));
        Assert.False(Path.Exists(folder["results/shapes/imported"]));
    }
}
