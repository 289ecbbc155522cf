using TrainHarness.Compute;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads.SelfPlay;
using TrainHarness.Training.Workloads.SelfPlay.Games;
using TrainHarness.Training.Workloads.SelfPlay.Play;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Workloads.SelfPlay;

/// <summary>What a trial plays, trains and is charged.</summary>
public sealed class SelfPlayTaskTests
{
    // 8 games of 3 epochs, and what a step does to 16 positions.
    private const int Epochs = 3;

    [Theory]
    // By hand: the convolutions of 3×3, the heads' of 1×1, and their linear layers.
    [InlineData(5, "alphazero-3x32", 1_415_682)]
    [InlineData(4, "alphago-zero-3x32", 905_760)]
    [InlineData(7, "alphazero-6x64", 21_806_338)]
    public void An_evaluation_costs_what_its_layers_do(int size, string architecture, int macs)
    {
        var game = new Hex(size);
        using var network = ((BoardArchitecture)new SelfPlayWorkload().Architecture(architecture)).BuildFrom(
            1,
            BoardNetworkOptions.Of(game),
            CPU
        );
        Assert.Equal(new Macs((UInt128)macs), SelfPlayTask.PriceOfOne(network, game, CPU));
        Assert.True(network.training);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void What_the_games_and_the_gate_evaluate_is_charged_as_generation(int gateGames)
    {
        using var task = SelfPlayTask.Open(Samples.Plan(gateGames));
        var spent = Macs.Zero;
        var steps = 0;
        foreach (var batch in task.Batches.From(0))
        {
            using (batch)
            {
                // Games are played before the first step of an epoch.
                Assert.Equal(steps % Samples.Rules.StepsPerEpoch == 0, batch.Spent > Macs.Zero);
                Assert.Equal(new BatchShape(16), batch.Shape);
                spent += batch.Spent;
                steps++;
            }
        }

        var tally = (Tally)task.SavedStates["tally"];
        using var network = ((BoardArchitecture)new SelfPlayWorkload().Architecture("alphazero-1x16")).BuildFrom(
            1,
            BoardNetworkOptions.Of(new Hex(4)),
            CPU
        );
        var price = SelfPlayTask.PriceOfOne(network, new Hex(4), CPU);
        Assert.Equal(Epochs * Samples.Rules.StepsPerEpoch, steps);
        Assert.Equal(Epochs * Samples.Rules.Games, tally.Games);
        Assert.Equal(gateGames > 0, tally.GateEvaluations > 0);
        Assert.Equal(price * (tally.SelfPlayEvaluations + tally.GateEvaluations), spent);
        Assert.Equal(tally.GateEvaluations / (double)(tally.GateEvaluations + tally.SelfPlayEvaluations), tally.GatePart);
    }

    [Fact]
    public void Batches_go_on_from_any_step_as_if_nothing_had_been_before()
    {
        using var whole = SelfPlayTask.Open(Samples.Plan());
        var all = new List<string>();
        var states = new List<Dictionary<string, byte[]>>();
        foreach (var batch in whole.Batches.From(0))
        {
            using (batch)
                all.Add(Words(batch));
            states.Add(
                whole
                    .SavedStates.SelectMany(state => state.Value.State.Select(memory => (Name: $"{state.Key}.{memory.Key}", memory.Value)))
                    .ToDictionary(pair => pair.Name, pair => pair.Value.bytes.ToArray())
            );
        }

        foreach (var step in (int[])[1, 3, 5])
        {
            using var resumed = SelfPlayTask.Open(Samples.Plan());
            foreach (var (name, state) in resumed.SavedStates)
            {
                foreach (var (part, memory) in state.State)
                    states[step - 1][$"{name}.{part}"].CopyTo(memory.bytes);
            }

            var later = new List<string>();
            foreach (var batch in resumed.Batches.From(step))
            {
                using (batch)
                    later.Add(Words(batch));
            }

            Assert.Equal(all.Skip(step), later);
        }
    }

    [Fact]
    public void An_evaluation_moves_nothing_on_and_gives_the_same_again()
    {
        using var task = SelfPlayTask.Open(Samples.Plan());
        var weights = task.Network.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.clone());
        var (first, second) = (task.Evaluator.Evaluate(), task.Evaluator.Evaluate());
        Assert.Equal(first.Metrics, second.Metrics);
        Assert.Equal(first.Spent, second.Spent);
        Assert.Null(first.Loss);
        Assert.Equal(task.Evaluator.Metrics.Select(metric => metric.Name).Order(), first.Metrics.Keys.Order());
        Assert.All(task.Evaluator.Metrics, metric => Assert.True(metric.Holds(first.Metrics[metric.Name]), metric.Name));
        Assert.True(task.Network.training);
        Assert.All(task.Network.state_dict(), pair => Assert.Equal(weights[pair.Key].bytes.ToArray(), pair.Value.bytes.ToArray()));
    }

    [Fact]
    public void The_window_keeps_the_latest_positions()
    {
        using var window = new ReplayWindow(capacity: 3, moves: 2);
        for (var stones = 1; stones <= 4; stones++)
            window.Add(new PlayedPosition(new Position((UInt128)stones, UInt128.One << (64 + stones)), [stones, 0], -1));
        Assert.Equal(3, window.Count);
        Assert.Equal([4, 2, 3], Enumerable.Range(0, 3).Select(place => (int)window[place].Position.First));
        Assert.Equal(UInt128.One << 68, window[0].Position.Second);
        Assert.Equal((4f, -1f), (window[0].Policy[0], window[0].Value));
    }

    [Fact]
    public void A_symmetry_turns_the_policy_with_the_board()
    {
        var game = new Hex(4);
        float[] planes = new float[BoardPlanes.Count * 16],
            turned = new float[BoardPlanes.Count * 16];
        // The first player to move, with a stone in the corner.
        var position = new Position(0b1, 0b10);
        BoardPlanes.Write(game, position, 0, planes);
        BoardPlanes.Write(game, position, 1, turned);
        Assert.Equal((1f, 1f, 1f, 1f), (planes[0], planes[17], turned[15], turned[16 + 14]));
        Assert.Equal(planes.Sum(), turned.Sum());
        Assert.Equal(1 + 1 + 16 + 16, planes.Sum());
    }

    [Theory]
    // statsmodels, proportion_confint(method="wilson").
    [InlineData(8, 10, 0.4901625, 0.9433178)]
    [InlineData(10, 10, 0.7224672, 1)]
    [InlineData(0, 10, 0, 0.2775328)]
    public void A_part_that_was_counted_has_Wilsons_interval(int hits, int tries, double low, double high)
    {
        var (foundLow, part, foundHigh) = WilsonInterval.Of(hits, tries);
        Assert.Equal(low, foundLow, 6);
        Assert.Equal(high, foundHigh, 6);
        Assert.Equal((double)hits / tries, part);
    }

    [Fact]
    public void A_part_of_the_moves_that_is_searched_fast_needs_simulations()
    {
        Assert.NotNull((Samples.Rules with { FullSearches = 0.25 }).Problem);
        Assert.Null((Samples.Rules with { FullSearches = 0.25, FastSimulations = 4 }).Problem);
        Assert.Equal(Samples.Rules, PlayRules.Of(Samples.Plan().Recipe));
        Assert.Equal(Samples.Keys.Keys.Order(), PlayRules.Fields.Select(field => field.Name).Order());
    }

    private static string Words(IBatch batch)
    {
        var positions = (SelfPlayBatch)batch;
        Tensor[] parts = [positions.Planes, positions.Policies, positions.Values];
        return string.Join(' ', parts.SelectMany(tensor => tensor.data<float>().ToArray())) + batch.Spent;
    }
}
