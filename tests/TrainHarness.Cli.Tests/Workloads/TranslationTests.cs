using System.Text.Json.Nodes;
using TrainHarness.Results;
using TrainHarness.Training.Engine;

namespace TrainHarness.Cli.Tests.Workloads;

/// <summary>Translation by the real program: a generated language, and folders of somebody's sentences.</summary>
public sealed class TranslationTests : IDisposable
{
    internal const string Study = """
        name: words
        workload: translation
        pairs: { kind: generated, seed: 1, train: 300, validation: 20, test: 0 }
        merges: 60
        longest: 100
        bleu: { tokenize: none, lowercase: false }
        target: { metric: loss, from: baseline }
        baseline: seq2seq_2x64.small
        entries: [ transformer_2x64.small ]
        seeds: [1]
        stop: at-target
        evaluateEveryExamples: 150
        checkpointEveryMinutes: 5
        threads: 1
        """;

    internal const string Recipe = """
        epochs: 2
        batchSize: 32
        optimizer: { kind: adamw, beta1: 0.9, beta2: 0.98, epsilon: 1.0e-8, weightDecay: 0 }
        plain: { learningRate: 0.003, initialisation: torchvision }
        batchNormalised: { learningRate: 0.003, initialisation: torchvision }
        schedule: { kind: cosine }
        warmUpEpochs: 0.2
        precision: fp32
        gradientClip: 1
        labelSmoothing: 0.1
        dropout: 0.1
        lossPer: subword
        """;

    private const string File = "configs/studies/words.yaml";

    private readonly WorkFolder folder = new();

    public TranslationTests()
    {
        folder.Write("configs/recipes/small.yaml", Recipe);
        folder.Write(File, Study);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_study_is_planned_trained_to_its_target_and_reported()
    {
        folder.Write(File, Study.Replace("test: 0", "test: 6", StringComparison.Ordinal));
        var plan = await Trainharness.Run(folder.Path, "study", "plan", File, "--device", "cpu", "--json");
        Assert.True(plan.ExitCode == 0, plan.Error);
        var run = await Trainharness.Run(folder.Path, "study", "run", File, "--device", "cpu");
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        var record = Store("results").Read("seq2seq_2x64.small/seed-1")!.Record;
        Assert.Equal(("translation", 600L, Outcome.Completed), (record.Workload, record.Examples, record.Outcome));
        Assert.Equal("nrefs:1|case:mixed|eff:no|tok:none|smooth:exp", record.Metrics!.Single(metric => metric.Name == "bleu").Signature);
        Assert.Contains("sentence pairs in ", record.Dataset.Words, StringComparison.Ordinal);
        // What the plan foresaw of the baseline's whole schedule is what was spent.
        var foreseen = JsonNode.Parse(plan.Output)!["trials"]![0]!;
        Assert.Equal(
            ((long)foreseen["examplesAtMost"]!, (string)foreseen["trainingMacsAtMost"]!.ToJsonString()),
            (record.Examples, record.Ledger.Training.ToString())
        );
        // Evaluation searches, and the search is recorded apart.
        Assert.True(record.Ledger.Evaluation.Count > 0);
        // The test set was looked at once, after all that is charged or compared.
        var test = record.Test!;
        Assert.Equal(
            (6, "bleu", "nrefs:1|case:mixed|eff:no|tok:none|smooth:exp|beam:5|length:mean"),
            (test.Examples, test.Metric.Name, test.Metric.Signature)
        );
        Assert.InRange(test.Value, 0, 100);
        Assert.True(test.Macs.Count > 0 && test.Outputs.Count is > 0 and <= 6);
        var report = await Trainharness.Run(folder.Path, "report", "results/words", "--json");
        Assert.Equal("loss", (string)JsonNode.Parse(report.Output)!["target"]!["metric"]!);
        var written = System.IO.File.ReadAllText(folder["results/words/report.md"]);
        Assert.Contains("sentence pairs in ", written, StringComparison.Ordinal);
        Assert.Contains("## On the test examples", written, StringComparison.Ordinal);
        Assert.Contains(test.Outputs[0].Split(' ')[0], written, StringComparison.Ordinal);
    }

    // The two differ in all that could go wrong: dropout of a recurrent layer, a table of positions, caches of the search.
    [Theory]
    [InlineData("seq2seq_2x64.small/seed-1")]
    [InlineData("transformer_2x64.small/seed-1")]
    public async Task A_trial_that_is_killed_again_and_again_ends_as_one_that_never_was(string trial)
    {
        folder.Write(
            File,
            Study
                .Replace("from: baseline", "atMost: 0.001", StringComparison.Ordinal)
                .Replace("checkpointEveryMinutes: 5", "checkpointEveryMinutes: 1.0e-9", StringComparison.Ordinal)
        );
        // Long enough that none ends before it is killed.
        folder.Write("configs/recipes/small.yaml", Recipe.Replace("epochs: 2", "epochs: 6", StringComparison.Ordinal));
        string[] arguments = ["study", "run", File, "--device", "cpu", "--trial", trial, "--results"];
        var whole = await Trainharness.Run(folder.Path, [.. arguments, "undisturbed"]);
        Assert.True(whole.ExitCode == 0, whole.Error);
        // In training, in the middle of an evaluation, and once more later; each time on from where it was.
        foreach (
            var (phase, times) in ((TrialPhase, int)[])[(TrialPhase.Checkpoint, 3), (TrialPhase.Evaluation, 1), (TrialPhase.Training, 4)]
        )
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
    [InlineData("merges: 60", "merges: 60000", "merges: 60000 are more than the training text gives; allowed: at most ")]
    [InlineData(
        "kind: generated, seed: 1, train: 300, validation: 20, test: 0",
        "kind: webpage",
        "words.yaml:3:16: 'kind' is 'webpage'; allowed: generated, folder, table."
    )]
    [InlineData("tokenize: none", "tokenize: intl", "words.yaml:6:19: 'tokenize' is 'intl'; allowed: 13a, none.")]
    [InlineData("transformer_2x64.small", "transformer_huge.small", "unknown architecture 'transformer_huge'")]
    [InlineData("metric: loss, from: baseline", "metric: bleu, atLeast: 0", "words.yaml:7:")]
    [InlineData("seed: 1, train: 300", "seed: 1, train: 1", "words.yaml:3:43: 'train' is '1'; allowed: a whole number from 2 to 1000000.")]
    public async Task What_a_study_asks_and_cannot_have_is_one_line_and_nothing_is_written(string key, string by, string problem)
    {
        folder.Write(File, Study.Replace(key, by, StringComparison.Ordinal));
        var run = await Trainharness.Run(folder.Path, "study", "run", File, "--device", "cpu");
        Assert.Equal((2, 1), (run.ExitCode, run.Error.Trim().Split('\n').Length));
        Assert.Contains(problem, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["results"]));
    }

    [Theory]
    [InlineData("dropout: 0.1", "dropout: 1.5", "small.yaml:11:10: 'dropout' is '1.5'; allowed: a number from 0 to 0.999.")]
    [InlineData("dropout: 0.1", "", "small.yaml:1:1: small.yaml lacks the key 'dropout'.")]
    [InlineData(
        "precision: fp32",
        "precision: bf16",
        "words.yaml:8:11: 'seq2seq_2x64.small': 'precision' is bf16; allowed for translation: fp32, tf32."
    )]
    public async Task A_recipe_that_translation_cannot_train_with_is_one_line(string key, string by, string problem)
    {
        folder.Write("configs/recipes/small.yaml", Recipe.Replace(key, by, StringComparison.Ordinal));
        var run = await Trainharness.Run(folder.Path, "study", "run", File, "--device", "cpu");
        Assert.Equal((2, 1), (run.ExitCode, run.Error.Trim().Split('\n').Length));
        Assert.EndsWith(problem, run.Error.Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_is_named_by_data_and_what_is_wrong_in_it_is_said_before_anything_is_written()
    {
        folder.Write(
            File,
            Study.Replace(
                "kind: generated, seed: 1, train: 300, validation: 20, test: 0",
                "kind: folder, name: mine, source: en, target: fr, train: train, validation: val",
                StringComparison.Ordinal
            )
        );
        folder.Write("sentences/train.en", "one two\nthree\n");
        folder.Write("sentences/train.fr", "un deux\n");
        var without = await Trainharness.Run(folder.Path, "study", "run", File, "--device", "cpu");
        Assert.Equal(
            (2, "mine: nobody says where it lies; allowed: --data FOLDER, or 'path' beside 'kind: folder'."),
            (without.ExitCode, without.Error.Trim())
        );
        var unequal = await Trainharness.Run(folder.Path, "study", "run", File, "--device", "cpu", "--data", "sentences");
        Assert.Equal(
            (2, $"{folder["sentences/train.en"]} has 2 lines and {folder["sentences/train.fr"]} 1; allowed: as many."),
            (unequal.ExitCode, unequal.Error.Trim())
        );
        Assert.False(Directory.Exists(folder["results"]));
    }

    private ResultStore Store(string results) => new(folder[$"{results}/words"]);
}
