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
    private const int Several = 3;

    public static TrainingTask Open(TrainingPlan plan)
    {
        var (architecture, rules) = ((BoardArchitecture)plan.Architecture, PlayRules.Of(plan.Recipe));
        var game = new Hex(((SelfPlaySettings)plan.Study.Settings).Size);
        var options = BoardNetworkOptions.Of(game);
        var network = architecture.BuildFrom(plan.Trial.Seed, options, plan.Device);
        var best = rules.GateGames == 0 ? null : new BestNetwork(architecture.BuildUnseeded(options, plan.Device), network);
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

    /// <summary>What one evaluation of one position costs: it is charged for each, however many are looked at together.</summary>
    /// <exception cref="NotSupportedException">Several cost more or less than each by itself.</exception>
    internal static Macs PriceOfOne(BoardNetwork network, IGame game, Device device)
    {
        network.eval();
        var one = PriceOf(1);
        if (NetworkPricer.Foreign(network) is not null && PriceOf(Several) is var several && several != one * Several)
            throw new NotSupportedException(
                $"of {Several} positions together it multiplies {several} times, of one {one} times; allowed: what is as often for each."
            );
        network.train();
        return one;

        Macs PriceOf(int positions)
        {
            using var planes = zeros(positions, BoardPlanes.Count, game.Rows, game.Columns, device: device);
            return NetworkPricer.PriceForward(network, positions, () => network.call(planes).Policy).Forward;
        }
    }
}
