using System.Text.Json.Nodes;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training;

namespace TrainHarness.Cli.Tests.Workloads;

/// <summary>Self-play by the real program: trained, killed, resumed and reported, and the studies that come with it.</summary>
public sealed class SelfPlayStudyTests : IDisposable
{
    private const string File = "configs/studies/hex.yaml";
    private const string Trial = "alphago-zero-1x16.gated/seed-1";

    internal const string Study = """
        name: hex
        workload: self-play
        game: hex-4x4
        randomStones: 1
        decisions: 64
        evaluationSimulations: 8
        perfectGames: 16
        target: { metric: accuracy, from: baseline }
        baseline: alphago-zero-1x16.gated
        entries: [ alphazero-1x16.latest ]
        seeds: [1]
        stop: at-target
        evaluateEveryExamples: 64
        checkpointEveryMinutes: 1.0e-9
        threads: 1
        """;

    internal const string Recipe = """
        epochs: 6
        batchSize: 16
        optimizer: { kind: sgd, momentum: 0.9, nesterov: false, weightDecay: 1.0e-4 }
        plain: { learningRate: 0.05, initialisation: torchvision }
        batchNormalised: { learningRate: 0.05, initialisation: torchvision }
        schedule: { kind: cosine }
        warmUpEpochs: 0
        precision: fp32
        games: 10
        stepsPerEpoch: 4
        window: 150
        simulations: 16
        gateGames: 4
        gateLevel: 0.4
        symmetries: true
        reuse: true
        sampledMoves: 4
        exploration: 1.25
        growsExploration: false
        noise: 0.25
        noiseConcentration: 10
        fullSearches: 1
        fastSimulations: 0
        forcedPlayouts: 0
        gumbelMoves: 0
        """;

    private readonly WorkFolder folder = new();

    public SelfPlayStudyTests()
    {
        folder.Write("configs/recipes/gated.yaml", Recipe);
        folder.Write("configs/recipes/latest.yaml", Recipe.Replace("gateGames: 4", "gateGames: 0", StringComparison.Ordinal));
        folder.Write(File, Study);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_study_of_self_play_is_run_and_reported()
    {
        var run = await Trainharness.Run(folder.Path, "study", "run", File, "--device", "cpu");
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        var store = new ResultStore(folder["results/hex"]);
        var (gated, latest) = (store.Read(Trial)!, store.Read("alphazero-1x16.latest/seed-1")!);
        var record = gated.Record;
        Assert.Equal(("self-play", Outcome.Completed, "accuracy"), (record.Workload, record.Outcome, record.Target.Metric));
        // Games are charged, and what the gate spent of that is told apart.
        Assert.All((TrialResult[])[gated, latest], trial => Assert.True(trial.Record.Ledger.Generation > Macs.Zero));
        Assert.All(gated.Evaluations.Skip(1), evaluation => Assert.InRange(evaluation.ValueOf("gatePart"), 0.01, 0.9));
        Assert.All(latest.Evaluations, evaluation => Assert.Equal(0, evaluation.ValueOf("gatePart")));
        // An epoch of four steps of sixteen positions.
        Assert.Equal(64, gated.Evaluations[0].Examples);
        var report = await Trainharness.Run(folder.Path, "report", "results/hex", "--json");
        Assert.True(report.ExitCode == 0, report.Error);
        Assert.Equal(1, (int)JsonNode.Parse(report.Output)!["entries"]![0]!["trials"]!);
        var text = System.IO.File.ReadAllText(folder["results/hex/report.md"]);
        Assert.Contains("## What it was spent on", text, StringComparison.Ordinal);
        Assert.Contains("| entry | generation | gatePart | forward | backward |", text, StringComparison.Ordinal);
        Assert.Contains(
            "| trial | epochs | accuracy | policyAccuracy | winRate | winRateLow | winRateHigh |",
            text,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("game: hex-4x4", "game: hex-9x9", "'game' is 'hex-9x9'; allowed: hex-4x4, hex-5x5")]
    [InlineData("decisions: 64", "decisions: 513", "'decisions' is '513'; allowed: a whole number from 1 to 512.")]
    [InlineData("baseline: alphago-zero-1x16.gated", "baseline: alphago-zero.gated", "unknown architecture 'alphago-zero'")]
    public async Task A_study_that_asks_for_what_there_is_not_is_refused_in_one_line(string line, string other, string expected)
    {
        folder.Write(File, Study.Replace(line, other, StringComparison.Ordinal));
        var run = await Trainharness.Run(folder.Path, "study", "plan", File);
        Assert.Equal((2, 1), (run.ExitCode, run.Error.Trim().Split('\n').Length));
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recipe_that_means_nothing_is_refused_where_it_stands()
    {
        folder.Write("configs/recipes/gated.yaml", Recipe.Replace("reuse: true", "reuse: sometimes", StringComparison.Ordinal));
        var run = await Trainharness.Run(folder.Path, "study", "plan", File);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("'reuse' is 'sometimes'; allowed: true, false.", run.Error, StringComparison.Ordinal);
    }

    private static string Studies { get; } = Path.Combine(Trainharness.Repository, "configs", "studies");

    public static TheoryData<string> Shipped => [.. Directory.GetFiles(Studies, "hex-*.yaml").Select(file => Path.GetFileName(file)!)];

    [Theory]
    [MemberData(nameof(Shipped))]
    public void A_study_that_comes_with_the_program_is_understood(string name)
    {
        var study = StudyReader.Read(Path.Combine(Studies, name), WorkloadCatalog.Shipped.Vocabularies);
        Assert.Equal(("self-play", Path.GetFileNameWithoutExtension(name)), (study.Workload, study.Name));
        Assert.Equal("accuracy", study.Target.Metric.Name);
    }
}
