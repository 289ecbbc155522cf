using System.Runtime.InteropServices;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads.SelfPlay.Games;
using TrainHarness.Training.Workloads.SelfPlay.Play;
using TrainHarness.Training.Workloads.SelfPlay.Search;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.SelfPlay;

/// <summary>
/// The batches of a trial. At the first step of each epoch games are played to their ends, with those of the gate before them where there
/// is one; so no game is ever in progress between two steps, where checkpoints are made.
/// </summary>
/// <param name="best">Null where the latest network always plays.</param>
/// <param name="price">Of one evaluation of one position.</param>
internal sealed class SelfPlayBatches(
    TrainingPlan plan,
    IGame game,
    PlayRules rules,
    BoardNetwork network,
    BestNetwork? best,
    ReplayWindow window,
    Tally tally,
    Macs price
) : IBatchSource, IBatchShapes
{
    private readonly SelfPlaySettings settings = (SelfPlaySettings)plan.Study.Settings;

    public long Steps { get; } = (long)plan.Recipe.Epochs * rules.StepsPerEpoch;

    public IReadOnlyList<BatchShape> All => [new BatchShape(plan.Recipe.BatchSize)];

    public IBatch Blank(BatchShape shape)
    {
        var nothing = new PlayedPosition(default, new float[game.Moves], 0);
        return Batch([.. Enumerable.Repeat(nothing, shape.Examples)], new int[shape.Examples], Macs.Zero);
    }

    public IEnumerable<IBatch> From(long first)
    {
        for (var step = first; step < Steps; step++)
        {
            var spent = step % rules.StepsPerEpoch == 0 ? Play(step / rules.StepsPerEpoch) : Macs.Zero;
            var draws = Seeds.Generator(plan.Trial.Seed, "positions", step);
            PlayedPosition[] positions = [.. Enumerable.Range(0, plan.Recipe.BatchSize).Select(_ => window[draws.Next(window.Count)])];
            int[] symmetries = [.. positions.Select(_ => rules.Symmetries ? draws.Next(game.Symmetries) : 0)];
            yield return Batch(positions, symmetries, spent);
        }
    }

    /// <returns>What the games and the gate before them cost.</returns>
    private Macs Play(long epoch)
    {
        network.eval();
        var evaluations = best is null || epoch == 0 ? 0 : PlayGate(best, epoch);
        tally.GateEvaluations += evaluations;
        var first = epoch * rules.Games;
        SelfPlayGame[] games =
        [
            .. Enumerable
                .Range(0, rules.Games)
                .Select(index => new SelfPlayGame(game, rules, settings.RandomStones, plan.Trial.Seed, first + index)),
        ];
        var ofGames = Run([best?.Network ?? network], games);
        foreach (var position in games.SelectMany(game => game.Positions))
            window.Add(position);
        tally.Games += games.Length;
        tally.SelfPlayEvaluations += ofGames;
        network.train();
        return price * (evaluations + ofGames);
    }

    private long PlayGate(BestNetwork best, long epoch)
    {
        var games = Gate.Games(game, rules, Seeds.Generator(plan.Trial.Seed, "gate", epoch));
        var evaluations = Run([network, best.Network], games);
        if (Gate.IsPassed(games, rules))
            best.Take(network);
        return evaluations;
    }

    private long Run(IEnumerable<BoardNetwork> networks, IReadOnlyList<ILockStep> games)
    {
        ILeafJudge[] judges = [.. networks.Select(network => new NetworkJudge(network, game, plan.Device))];
        var lockStep = new LockStep(judges, game.Moves, plan.Study.Threads);
        lockStep.Run(games);
        return lockStep.Evaluations.Sum();
    }

    private SelfPlayBatch Batch(PlayedPosition[] positions, int[] symmetries, Macs spent)
    {
        var planes = zeros(positions.Length, BoardPlanes.Count, game.Rows, game.Columns);
        var (policies, values) = (zeros(positions.Length, game.Moves), zeros(positions.Length));
        var seen = Floats(planes);
        var parts = Floats(policies);
        var outcomes = Floats(values);
        var size = BoardPlanes.Count * game.Rows * game.Columns;
        for (var index = 0; index < positions.Length; index++)
        {
            var (position, policy, value) = positions[index];
            BoardPlanes.Write(game, position, symmetries[index], seen.Slice(index * size, size));
            var places = game.View(position.FirstMoves, symmetries[index]).Moves;
            for (var move = 0; move < game.Moves; move++)
                parts[(index * game.Moves) + places[move]] = policy[move];
            outcomes[index] = value;
        }

        return new SelfPlayBatch(Uploaded(planes), Uploaded(policies), Uploaded(values), spent);
    }

    private Tensor Uploaded(Tensor host) => ComputeDevice.Upload(host, plan.Device);

    private static Span<float> Floats(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);
}
