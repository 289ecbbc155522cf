using System.Text.Json.Nodes;
using TrainHarness.Results;
using TrainHarness.Training.Engine;

namespace TrainHarness.Cli.Tests.Workloads;

/// <summary>Language modelling by the real program: a generated text, and somebody's file.</summary>
public sealed class LanguageModellingTests : IDisposable
{
    internal const string Study = """
        name: text
        workload: language-modelling
        text: { kind: generated, seed: 1, sentences: 200 }
        units: { kind: characters }
        validationPart: 0.1
        context: 16
        validationWindows: 20
        target: { metric: loss, atMost: 0.001 }
        baseline: lstm_1x64.small
        entries: [ llama_2x64.muon ]
        seeds: [1]
        stop: at-target
        evaluateEveryExamples: 48
        checkpointEveryMinutes: 5
        threads: 1
        """;

    internal const string Recipe = """
        epochs: 2
        stepsPerEpoch: 10
        batchSize: 8
        optimizer: { kind: adamw, beta1: 0.9, beta2: 0.99, epsilon: 1.0e-8, weightDecay: 0.1 }
        plain: { learningRate: 0.003, initialisation: torchvision }
        batchNormalised: { learningRate: 0.003, initialisation: torchvision }
        schedule: { kind: cosine, floor: 0.1 }
        warmUpEpochs: 0.2
        precision: fp32
        gradientClip: 1
        dropout: 0.1
        """;

    private const string Muon =
        "kind: muon, momentum: 0.95, nesterov: true, iterations: 5, otherRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1.0e-8, "
        + "weightDecay: 0.1";

    internal static readonly string MuonRecipe = Recipe.Replace(
        "kind: adamw, beta1: 0.9, beta2: 0.99, epsilon: 1.0e-8, weightDecay: 0.1",
        Muon,
        StringComparison.Ordinal
    );

    private const string File = "configs/studies/text.yaml";

    private readonly WorkFolder folder = new();

    public LanguageModellingTests()
    {
        folder.Write("configs/recipes/small.yaml", Recipe);
        folder.Write("configs/recipes/muon.yaml", MuonRecipe);
        folder.Write(File, Study);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_study_is_planned_trained_and_reported_and_muons_products_are_charged()
    {
        folder.Write(
            File,
            Study
                .Replace("atMost: 0.001", "from: baseline", StringComparison.Ordinal)
                .Replace("[ llama_2x64.muon ]", "[ llama_2x64.small, llama_2x64.muon ]", StringComparison.Ordinal)
                .Replace("at-target", "at-schedule-end", StringComparison.Ordinal)
        );
        var plan = await Trainharness.Run(folder.Path, "study", "plan", File, "--device", "cpu", "--json");
        Assert.True(plan.ExitCode == 0, plan.Error);
        var run = await Trainharness.Run(folder.Path, "study", "run", File, "--device", "cpu");
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        var record = Store("results").Read("lstm_1x64.small/seed-1")!.Record;
        Assert.Equal(("language-modelling", 160L, Outcome.Completed), (record.Workload, record.Examples, record.Outcome));
        Assert.Equal(
            ("nats per character|context:16|windows:20", "bits per byte of UTF-8|context:16|windows:20"),
            (record.Metrics![0].Signature, record.Metrics[1].Signature)
        );
        // What the plan foresaw of every whole schedule is what was spent, evaluations too.
        foreach (var foreseen in JsonNode.Parse(plan.Output)!["trials"]!.AsArray())
        {
            var spent = Store("results").Read((string)foreseen!["id"]!)!.Record.Ledger;
            Assert.Equal((string)foreseen["trainingMacsAtMost"]!.ToJsonString(), spent.Training.ToString());
            Assert.True(spent.Evaluation.Count > 0);
        }

        // By hand: 20 steps; an iteration of an m × n matrix multiplies 2 m²n + m³; LLaMA's are four of 64 × 64 and three of 64 × 192 a
        // layer.
        var difference =
            Store("results").Read("llama_2x64.muon/seed-1")!.Record.Ledger.Training.Count
            - Store("results").Read("llama_2x64.small/seed-1")!.Record.Ledger.Training.Count;
        Assert.Equal((UInt128)(20L * 5 * 2 * ((4 * 3 * 64 * 64 * 64) + (3 * ((2 * 64 * 64 * 192) + (64 * 64 * 64))))), difference);
        var report = await Trainharness.Run(folder.Path, "report", "results/text", "--json");
        Assert.Equal("loss", (string)JsonNode.Parse(report.Output)!["target"]!["metric"]!);
        Assert.Contains("windows of 16 characters", System.IO.File.ReadAllText(folder["results/text/report.md"]), StringComparison.Ordinal);
    }

    // The two differ in all that could go wrong: dropout of a recurrent network, and what Muon remembers.
    [Theory]
    [InlineData("lstm_1x64.small/seed-1")]
    [InlineData("llama_2x64.muon/seed-1")]
    public async Task A_trial_that_is_killed_again_and_again_ends_as_one_that_never_was(string trial)
    {
        folder.Write(File, Study.Replace("checkpointEveryMinutes: 5", "checkpointEveryMinutes: 1.0e-9", StringComparison.Ordinal));
        // Long enough that none ends before it is killed.
        folder.Write("configs/recipes/small.yaml", Recipe.Replace("epochs: 2", "epochs: 6", StringComparison.Ordinal));
        folder.Write("configs/recipes/muon.yaml", MuonRecipe.Replace("epochs: 2", "epochs: 6", StringComparison.Ordinal));
        string[] arguments = ["study", "run", File, "--device", "cpu", "--trial", trial, "--results"];
        var whole = await Trainharness.Run(folder.Path, [.. arguments, "undisturbed"]);
        Assert.True(whole.ExitCode == 0, whole.Error);
        // In training and in the middle of an evaluation; each time on from where it was.
        foreach (var (phase, times) in ((TrialPhase, int)[])[(TrialPhase.Checkpoint, 3), (TrialPhase.Evaluation, 1)])
        {
            using var killed = RunningProgram.Start(folder, [.. arguments, "killed"]);
            for (var left = times; left > 0; left--)
                Assert.True(await killed.ReadUntil(phase), string.Join('\n', killed.Errors));
            killed.Kill();
            await killed.End();
        }

        Assert.Null(Store("killed").Read(trial));
        var resumed = await Trainharness.Run(folder.Path, [.. arguments, "killed"]);
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.Contains("goes on from step ", resumed.Output, StringComparison.Ordinal);
        Assert.Equal(Records.Comparable(Store("undisturbed"), trial), Records.Comparable(Store("killed"), trial));
    }

    [Theory]
    [InlineData(
        "units: { kind: characters }",
        "units: { kind: subwords, merges: 60000 }",
        "merges: 60000 are more than the training text gives; allowed: at most "
    )]
    [InlineData("context: 16", "context: 60000", "context: the training text of generated-language has ")]
    [InlineData(
        "kind: generated, seed: 1, sentences: 200",
        "kind: webpage",
        "text.yaml:3:15: 'kind' is 'webpage'; allowed: generated, file."
    )]
    [InlineData("lstm_1x64.small", "lstm_9x9.small", "unknown architecture 'lstm_9x9'")]
    [InlineData("loss, atMost", "loss, atLeast", "'atLeast' is no target of loss, of which less is better; allowed: atMost.")]
    [InlineData(
        "kind: generated, seed: 1, sentences: 200",
        "kind: file, name: mine",
        "mine: nobody says where it lies; allowed: --data FILE, or 'path' beside 'kind: file'."
    )]
    public async Task What_a_study_asks_and_cannot_have_is_one_line_and_nothing_is_written(string key, string by, string problem)
    {
        folder.Write(File, Study.Replace(key, by, StringComparison.Ordinal));
        var run = await Trainharness.Run(folder.Path, "study", "run", File, "--device", "cpu");
        Assert.Equal((2, 1), (run.ExitCode, run.Error.Trim().Split('\n').Length));
        Assert.Contains(problem, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["results"]));
    }

    [Theory]
    [InlineData("stepsPerEpoch: 10", "", "small.yaml:1:1: small.yaml lacks the key 'stepsPerEpoch'.")]
    [InlineData(
        "precision: fp32",
        "precision: bf16",
        "text.yaml:9:11: 'lstm_1x64.small': 'precision' is bf16; allowed for language modelling: fp32, tf32."
    )]
    [InlineData("floor: 0.1", "floor: 2", "small.yaml:7:34: 'floor' is '2'; allowed: a number from 0 to 1.")]
    public async Task A_recipe_that_cannot_be_trained_with_is_one_line(string key, string by, string problem)
    {
        folder.Write("configs/recipes/small.yaml", Recipe.Replace(key, by, StringComparison.Ordinal));
        var run = await Trainharness.Run(folder.Path, "study", "run", File, "--device", "cpu");
        Assert.Equal((2, 1), (run.ExitCode, run.Error.Trim().Split('\n').Length));
        Assert.EndsWith(problem, run.Error.Trim(), StringComparison.Ordinal);
    }

    private ResultStore Store(string results) => new(folder[$"{results}/text"]);
}
