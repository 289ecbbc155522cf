using System.Text.Json.Nodes;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Engine;

namespace TrainHarness.Cli.Tests.Workloads;

/// <summary>
/// A workload that no file of the program names (<see cref="Parity"/>), by the real program: planned, trained, killed, resumed and
/// reported. Its metric falls.
/// </summary>
public sealed class ParityTests : IDisposable
{
    public const string Study = """
        name: parity
        workload: parity
        bits: 4
        target: { metric: wrong, atMost: 0.05 }
        baseline: wide.small
        entries: [ narrow.small ]
        seeds: [1]
        stop: at-target
        evaluateEveryExamples: 160
        checkpointEveryMinutes: 1.0e-9
        threads: 1
        """;

    public const string Recipe = """
        epochs: 300
        batchSize: 16
        optimizer: { kind: adamw, beta1: 0.9, beta2: 0.999, epsilon: 1.0e-8, weightDecay: 0 }
        plain: { learningRate: 0.03, initialisation: torchvision }
        batchNormalised: { learningRate: 0.03, initialisation: torchvision }
        schedule: { kind: cosine }
        warmUpEpochs: 0
        precision: fp32
        """;

    private const string Trial = "wide.small/seed-1";

    // By hand, for each row: 4 bits into 64 units, 64 units into 2 answers.
    private const int Forward = (4 * 64) + (64 * 2);

    private readonly WorkFolder folder = new();

    public ParityTests()
    {
        folder.Write("configs/recipes/small.yaml", Recipe);
        folder.Write("configs/studies/parity.yaml", Study);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_workload_of_somebody_else_is_trained_to_its_target_and_reported()
    {
        var run = await Run("study", "run", "configs/studies/parity.yaml", "--device", "cpu");
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        var record = new ResultStore(folder["results/parity"]).Read(Trial)!.Record;
        Assert.Equal(("parity", Outcome.Reached, "wrong"), (record.Workload, record.Outcome, record.Target.Metric));
        Assert.Equal(Better.Less, Assert.Single(record.Metrics!).Better);
        // No gradient goes back into the bits.
        Assert.Equal((UInt128)(Forward * record.Examples), record.Ledger.Forward.Count);
        Assert.Equal((UInt128)(64 * 2 * record.Examples), record.Ledger.GradInput.Count);
        Assert.Equal((UInt128)(Forward * record.Examples), record.Ledger.GradWeight.Count);
        // The program that reports knows no parity.
        var report = await Trainharness.Run(folder.Path, "report", "results/parity", "--json");
        Assert.True(report.ExitCode == 0, report.Error);
        var answer = JsonNode.Parse(report.Output)!;
        Assert.Equal(
            ("wrong", "less", 0.05),
            ((string)answer["target"]!["metric"]!, (string)answer["target"]!["better"]!, (double)answer["target"]!["threshold"]!)
        );
        Assert.Equal(1, (int)answer["entries"]![0]!["reached"]!);
        Assert.Contains("rows of 4 bits", File.ReadAllText(folder["results/parity/report.md"]), StringComparison.Ordinal);
    }

    [Trait("Lane", "long")]
    [Fact]
    public async Task A_trial_of_it_that_is_killed_goes_on_from_its_checkpoint_and_ends_as_one_that_never_was()
    {
        string[] trial = ["study", "run", "configs/studies/parity.yaml", "--device", "cpu", "--trial", Trial, "--results"];
        Assert.Equal(0, (await Run([.. trial, "undisturbed"])).ExitCode);
        using (var killed = RunningProgram.Start(folder, TestProgram.File, [], [.. trial, "killed"]))
        {
            for (var checkpoint = 0; checkpoint < 7; checkpoint++)
                Assert.True(await killed.ReadUntil(TrialPhase.Checkpoint), string.Join('\n', killed.Errors));
            killed.Kill();
            await killed.End();
        }

        Assert.Null(new ResultStore(folder["killed/parity"]).Read(Trial));
        var resumed = await Run([.. trial, "killed"]);
        Assert.Equal(0, resumed.ExitCode);
        Assert.Contains("goes on from step ", resumed.Output, StringComparison.Ordinal);
        Assert.Equal(
            Records.Comparable(new ResultStore(folder["undisturbed/parity"]), Trial),
            Records.Comparable(new ResultStore(folder["killed/parity"]), Trial)
        );
    }

    [Fact]
    public async Task A_plan_of_it_says_what_it_will_cost_and_that_evaluations_are_not_known_before()
    {
        var plan = await Run("study", "plan", "configs/studies/parity.yaml", "--device", "cpu", "--json");
        Assert.True(plan.ExitCode == 0, plan.Error);
        var trial = JsonNode.Parse(plan.Output)!["trials"]![0]!;
        // 300 epochs of 16 rows.
        Assert.Equal((4800, 4800 * ((2 * Forward) + (64 * 2))), ((int)trial["examplesAtMost"]!, (int)trial["trainingMacsAtMost"]!));
        Assert.Null(trial["evaluationMacsAtMost"]);
    }

    [Fact]
    public async Task The_program_without_it_refuses_its_study_and_says_what_it_knows()
    {
        var run = await Trainharness.Run(folder.Path, "study", "run", "configs/studies/parity.yaml");
        Assert.Equal((2, 1), (run.ExitCode, run.Error.Trim().Split('\n').Length));
        Assert.Contains(
            "parity.yaml:2:11: unknown workload 'parity'; allowed: image-classification, language-modelling, self-play, translation.",
            run.Error,
            StringComparison.Ordinal
        );
    }

    private Task<Trainharness> Run(params IEnumerable<string> arguments) => Trainharness.Run(folder.Path, TestProgram.File, [], arguments);
}
