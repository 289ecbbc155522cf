using System.Globalization;
using TrainHarness.Cli.Tests.Workloads;
using TrainHarness.Results;
using TrainHarness.Training.Engine;

namespace TrainHarness.Cli.Tests.Execution;

/// <summary>
/// Kills the real program again and again while it trains, at points that a seed decides, and compares what comes out in the end.
/// </summary>
[Trait("Lane", "long")]
public sealed class ChaosTests : IDisposable
{
    /// <summary>How many kills; scripts/soak sets more.</summary>
    private const string KillsVariable = "TRAINHARNESS_KILLS";

    /// <summary>Decides where they fall.</summary>
    private const string SeedVariable = "TRAINHARNESS_KILL_SEED";

    private const int MinOfEach = 5;

    private static readonly TrialPhase[] Wanted = [TrialPhase.Training, TrialPhase.Evaluation, TrialPhase.Checkpoint, TrialPhase.Record];

    // One with dropout and momentum, one with batch normalisation, Adam and averaged weights.
    private static readonly string[] Trials = ["squeezenet1_1.small/seed-1", "shufflenet_v2_x1_0.adam/seed-1"];

    // What other workloads carry besides: the order of buckets and a search at the end; drawn places and what Muon remembers; games, their
    // window and the best network.
    private static readonly Dictionary<string, (string Trial, string Study, string Recipe)> OtherWorkloads = new()
    {
        ["words"] = (
            "seq2seq_2x64.small/seed-1",
            TranslationTests
                .Study.Replace("from: baseline", "atMost: 0.001", StringComparison.Ordinal)
                .Replace("test: 0", "test: 6", StringComparison.Ordinal),
            TranslationTests.Recipe
        ),
        ["text"] = ("llama_2x64.muon/seed-1", LanguageModellingTests.Study, LanguageModellingTests.Recipe),
        ["hex"] = (
            "alphago-zero-1x16.small/seed-1",
            SelfPlayStudyTests
                .Study.Replace("from: baseline", "atLeast: 1.0", StringComparison.Ordinal)
                .Replace(".gated", ".small", StringComparison.Ordinal)
                .Replace(".latest", ".small", StringComparison.Ordinal),
            SelfPlayStudyTests.Recipe
        ),
    };

    private readonly WorkFolder folder = new();
    private readonly Dictionary<TrialPhase, int> hits = [];
    private int kills;

    public ChaosTests()
    {
        var recipe = File.ReadAllText(folder["configs/recipes/small.yaml"]).Replace("epochs: 2", "epochs: 3", StringComparison.Ordinal);
        folder.Write("configs/recipes/small.yaml", recipe);
        folder.Write(
            "configs/recipes/adam.yaml",
            recipe.Replace(
                "kind: sgd, momentum: 0.9, nesterov: false,",
                "kind: adamw, beta1: 0.9, beta2: 0.999, epsilon: 1.0e-8,",
                StringComparison.Ordinal
            ) + "\naverageDecay: 0.99\n"
        );
        folder.Write(
            "configs/studies/small.yaml",
            WorkFolder
                .QuickStudy.Replace("from: baseline", "atLeast: 1.0", StringComparison.Ordinal)
                .Replace("shufflenet_v2_x1_0.small", "shufflenet_v2_x1_0.adam", StringComparison.Ordinal)
                .Replace("checkpointEveryMinutes: 5", "checkpointEveryMinutes: 0.001", StringComparison.Ordinal)
        );
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_program_that_is_killed_again_and_again_at_any_point_ends_with_the_records_of_an_undisturbed_one()
    {
        var (wanted, random) = (Setting(KillsVariable, 50), new Random(Setting(SeedVariable, 1)));
        var whole = await Trainharness.Run(
            folder.Path,
            "study",
            "run",
            "configs/studies/small.yaml",
            "--device",
            "cpu",
            "--results",
            "undisturbed"
        );
        Assert.True(whole.ExitCode == 0, whole.Error);
        var finished = 0;
        // Far more rounds than are needed, so that a program that cannot be hit does not run for ever.
        for (var round = 0; kills < wanted || Wanted.Any(phase => Hits(phase) < MinOfEach); round++)
        {
            Assert.True(round < 20 + wanted, $"{kills} kills hit {string.Join(", ", hits)}.");
            var trial = Trials[round % Trials.Length];
            finished += await KillUntilItEnds(trial, random, round);
            Assert.Equal(Records.Comparable(Store("undisturbed"), trial), Records.Comparable(Store("results"), trial));
            Assert.Equal(
                ["evaluations.csv", "log.jsonl", "record.json"],
                Directory.GetFiles(Store("results").TrialFolder(trial)).Select(Path.GetFileName).Order()
            );
            Directory.Delete(Store("results").TrialFolder(trial), recursive: true);
        }

        Say(
            $"{kills} kills hit {string.Join(", ", hits.OrderBy(hit => hit.Key).Select(hit => $"{hit.Key} {hit.Value} times"))}; "
                + $"{finished} trials ended, each with the record of an undisturbed one."
        );
    }

    [Theory]
    [InlineData("words")]
    [InlineData("text")]
    [InlineData("hex")]
    public async Task Trials_of_other_workloads_end_so_after_a_kill_in_every_phase(string study)
    {
        var (trial, text, recipe) = OtherWorkloads[study];
        // Long enough that none ends before it is killed.
        folder.Write("configs/recipes/small.yaml", recipe.Replace("epochs: 2", "epochs: 6", StringComparison.Ordinal));
        folder.Write(
            "configs/recipes/muon.yaml",
            LanguageModellingTests.MuonRecipe.Replace("epochs: 2", "epochs: 6", StringComparison.Ordinal)
        );
        folder.Write(
            $"configs/studies/{study}.yaml",
            text.Replace("checkpointEveryMinutes: 5", "checkpointEveryMinutes: 1.0e-9", StringComparison.Ordinal)
        );
        string[] arguments = ["study", "run", $"configs/studies/{study}.yaml", "--device", "cpu", "--trial", trial];
        var whole = await Trainharness.Run(folder.Path, [.. arguments, "--results", "undisturbed"]);
        Assert.True(whole.ExitCode == 0, whole.Error);
        var step = 0;
        foreach (var phase in Wanted)
        {
            using var program = RunningProgram.Start(folder, arguments);
            if (!await program.ReadUntil(phase))
                Assert.Fail($"{string.Join('\n', program.Errors)}\nexit status {await program.End()}: {await program.Output}");
            program.Kill();
            await program.End();
            step = RequireGoingOn(await program.Output, step, trial);
        }

        var resumed = await Trainharness.Run(folder.Path, arguments);
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        ResultStore undisturbed = new(folder[$"undisturbed/{study}"]),
            killed = new(folder[$"results/{study}"]);
        Assert.Equal(Records.Comparable(undisturbed, trial), Records.Comparable(killed, trial));
    }

    private async Task<int> KillUntilItEnds(string trial, Random random, int round)
    {
        var step = 0;
        // A few kills, then it may end.
        for (var left = random.Next(4, 9); ; left--)
        {
            using var program = RunningProgram.Start(
                folder,
                "study",
                "run",
                "configs/studies/small.yaml",
                "--device",
                "cpu",
                "--trial",
                trial
            );
            var phase = left > 0 ? Aim(random) : (TrialPhase?)null;
            var killed = phase is { } aimed && await Reach(program, aimed, random);
            if (killed)
                program.Kill();
            var status = await program.End();
            step = RequireGoingOn(await program.Output, step, trial);
            if (!killed || status == 0)
            {
                Assert.True(status == 0, string.Join('\n', program.Errors));
                return 1;
            }

            Assert.Equal(128 + 9, status);
            kills++;
            hits[program.Phase ?? TrialPhase.StartUp] = Hits(program.Phase ?? TrialPhase.StartUp) + 1;
            Say($"kill {kills}: {trial}, round {round}: {program.Phase}");
        }
    }

    // The rarest of the wanted phases first; now and then the start-up, which is no work that could be lost.
    private TrialPhase Aim(Random random) =>
        random.Next(12) == 0
            ? TrialPhase.StartUp
            : Wanted.Select(phase => (Phase: phase, Order: Hits(phase) + random.Next(6))).MinBy(candidate => candidate.Order).Phase;

    /// <summary>Waits until the program has entered a phase for the nth time, and a moment more.</summary>
    private static async Task<bool> Reach(RunningProgram program, TrialPhase phase, Random random)
    {
        for (var times = phase is TrialPhase.StartUp or TrialPhase.Record ? 1 : random.Next(1, 4); times > 0; times--)
        {
            if (!await program.ReadUntil(phase))
                return false;
        }

        var moment = phase == TrialPhase.StartUp ? random.Next(500) : random.NextDouble() * 20;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        SpinWait.SpinUntil(() => clock.Elapsed.TotalMilliseconds >= moment);
        return true;
    }

    /// <summary>No attempt goes on from before where the one before it did, and none meets a checkpoint that is not whole.</summary>
    private static int RequireGoingOn(string output, int step, string trial)
    {
        Assert.DoesNotContain("truncated", output, StringComparison.Ordinal);
        Assert.DoesNotContain("starts over", output, StringComparison.Ordinal);
        var line = output.Split('\n').FirstOrDefault(line => line.StartsWith($"{trial}: goes on from step ", StringComparison.Ordinal));
        if (line is null)
            return step;
        var now = int.Parse(line.Split(' ')[5], CultureInfo.InvariantCulture);
        Assert.InRange(now, step, int.MaxValue);
        return now;
    }

    private static int Setting(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    private static void Say(string line)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        Console.Out.WriteLine(line);
    }

    private int Hits(TrialPhase phase) => hits.GetValueOrDefault(phase);

    private ResultStore Store(string results) => new(folder[$"{results}/small"]);
}
