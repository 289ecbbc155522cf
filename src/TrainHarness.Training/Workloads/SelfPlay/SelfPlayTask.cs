using TrainHarness.Compute;
using TrainHarness.Training.Checkpoints;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Pricing;
using TrainHarness.Training.Workloads.SelfPlay.Games;
using TrainHarness.Training.Workloads.SelfPlay.Play;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.SelfPlay;

/// <summary>A trial of self-play, as the engine takes it.</summary>
internal static class SelfPlayTask
{
    public static TrainingTask Open(TrainingPlan plan)
    {
        var (architecture, rules) = ((DualArchitecture)plan.Architecture, PlayRules.Of(plan.Recipe));
        var game = new Hex(((SelfPlaySettings)plan.Study.Settings).Size);
        var network = architecture.Build(game, plan.Trial.Seed, plan.Device);
        var best = rules.GateGames == 0 ? null : new BestNetwork(architecture.BuildUnseeded(game, plan.Device), network);
        var (window, tally, price) = (new ReplayWindow(rules.Window, game.Moves), new Tally(), PriceOfOne(network, game, plan.Device));
        var batches = new SelfPlayBatches(plan, game, rules, network, best, window, tally, price);
        var evaluator = new StrengthEvaluator(plan, game, rules, network, tally, price);
        return new TrainingTask(network, batches, batches, new SelfPlayObjective(network), evaluator)
        {
            DataPath = "self-play",
            SavedStates = best is null
                ? new Dictionary<string, ISavedState> { ["window"] = window, ["tally"] = tally }
                : new Dictionary<string, ISavedState>
                {
                    ["window"] = window,
                    ["tally"] = tally,
                    ["best"] = best,
                },
            Held = best is null ? [window, tally] : [window, tally, best],
        };
    }

    /// <summary>What one evaluation of one position costs.</summary>
    internal static Macs PriceOfOne(DualNetwork network, IGame game, Device device)
    {
        using var planes = zeros(1, BoardPlanes.Count, game.Rows, game.Columns, device: device);
        network.eval();
        var cost = NetworkPricer.Price(network, 1, () => network.call(planes));
        network.train();
        return cost.Forward;
    }
}
