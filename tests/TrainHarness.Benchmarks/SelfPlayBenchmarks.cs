using BenchmarkDotNet.Attributes;
using TorchSharp;
using TrainHarness.Training.Native;
using TrainHarness.Training.Workloads.SelfPlay;
using TrainHarness.Training.Workloads.SelfPlay.Games;
using TrainHarness.Training.Workloads.SelfPlay.Play;
using TrainHarness.Training.Workloads.SelfPlay.Search;

namespace TrainHarness.Benchmarks;

/// <summary>
/// Positions of 5×5 that a network judges: in games, and by itself in batches as large as those games have at their beginning.
/// </summary>
public class SelfPlayBenchmarks
{
    private const int Positions = 25_600;

    private readonly Hex game = new(5);
    private BoardNetwork network = null!;

    [Params(128, 256)]
    public int Games { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        TorchLibrary.Load();
        torch.set_num_threads(2);
        network = ((BoardArchitecture)new SelfPlayWorkload().Architecture("alphazero-3x32")).BuildFrom(
            1,
            BoardNetworkOptions.Of(game),
            torch.CPU
        );
        network.eval();
    }

    [GlobalCleanup]
    public void Cleanup() => network.Dispose();

    /// <summary>One move of each game by searches of so many simulations that the positions come out as many.</summary>
    [Benchmark]
    public long InSearches()
    {
        var rules = new SearchRules(
            (Positions / Games) - 1,
            Exploration: 1.25,
            GrowsExploration: false,
            Noise: 0,
            NoiseConcentration: 10,
            Symmetries: false
        );
        var lockStep = new LockStep([Judge], game.Moves, threads: 2);
        lockStep.Run([
            .. Enumerable.Range(0, Games).Select(_ => new SolvedSearch(game, rules, new DecisionPosition(default, UInt128.One))),
        ]);
        return lockStep.Evaluations[0];
    }

    [Benchmark(Baseline = true)]
    public long ByItself()
    {
        var (policies, values) = (new float[Games * game.Moves], new float[Games]);
        Leaf[] leaves = [.. Enumerable.Repeat(new Leaf(default, 0), Games)];
        for (var judged = 0; judged < Positions; judged += Games)
            Judge.Judge(leaves, policies, values);
        return Positions;
    }

    private NetworkJudge Judge => new(network, game, torch.CPU);
}
