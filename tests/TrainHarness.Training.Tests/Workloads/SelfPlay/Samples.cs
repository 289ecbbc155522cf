using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads.SelfPlay;
using TrainHarness.Training.Workloads.SelfPlay.Play;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Workloads.SelfPlay;

/// <summary>A small study of self-play.</summary>
internal static class Samples
{
    public static PlayRules Rules { get; } =
        new()
        {
            Games = 8,
            StepsPerEpoch = 3,
            Window = 60,
            Simulations = 12,
            GateGames = 0,
            GateLevel = 0.55,
            Symmetries = true,
            Reuse = true,
            SampledMoves = 4,
            Exploration = 1.25,
            GrowsExploration = false,
            Noise = 0.25,
            NoiseConcentration = 10,
            FullSearches = 1,
            FastSimulations = 0,
            ForcedPlayouts = 0,
            GumbelMoves = 0,
        };

    /// <summary>Of a recipe.</summary>
    public static Dictionary<string, string> Keys { get; } =
        new()
        {
            ["games"] = "8",
            ["stepsPerEpoch"] = "3",
            ["window"] = "60",
            ["simulations"] = "12",
            ["gateGames"] = "0",
            ["gateLevel"] = "0.55",
            ["symmetries"] = "true",
            ["reuse"] = "true",
            ["sampledMoves"] = "4",
            ["exploration"] = "1.25",
            ["growsExploration"] = "false",
            ["noise"] = "0.25",
            ["noiseConcentration"] = "10",
            ["fullSearches"] = "1",
            ["fastSimulations"] = "0",
            ["forcedPlayouts"] = "0",
            ["gumbelMoves"] = "0",
        };

    public static TrainingPlan Plan(int gateGames = 0)
    {
        var recipe = new Recipe
        {
            Name = "small",
            Epochs = 3,
            BatchSize = 16,
            Optimizer = new SgdRule
            {
                Momentum = 0.9,
                Nesterov = false,
                WeightDecay = 1e-4,
            },
            Plain = new StartRule { LearningRate = 0.02, Initialisation = InitialWeights.Torchvision },
            BatchNormalised = new StartRule { LearningRate = 0.02, Initialisation = InitialWeights.Torchvision },
            Schedule = new CosineSchedule(),
            WarmUpEpochs = 0,
            Precision = Precision.Fp32,
            Own = new Dictionary<string, string>(Keys) { ["gateGames"] = FormattableString.Invariant($"{gateGames}") },
        };
        var settings = new SelfPlaySettings
        {
            Size = 4,
            RandomStones = 1,
            Decisions = 32,
            EvaluationSimulations = 8,
            PerfectGames = 16,
        };
        var entry = new Entry("alphazero-1x16.small", "alphazero-1x16", recipe, Variant: null);
        var study = new Study
        {
            Name = "small",
            Workload = "self-play",
            Settings = settings,
            Target = new Target(settings.Metrics()[0], 0.99, FromBaseline: false),
            Baseline = entry,
            Entries = [],
            Seeds = [1],
            Stop = StopRule.AtTarget,
            EvaluateEveryExamples = 48,
            CheckpointEveryMinutes = 1,
            Threads = 1,
        };
        return new TrainingPlan
        {
            Study = study,
            Trial = new Trial(entry, 1),
            Architecture = new SelfPlayWorkload().Architecture("alphazero-1x16"),
            Threshold = 0.99,
            Device = CPU,
        };
    }
}
