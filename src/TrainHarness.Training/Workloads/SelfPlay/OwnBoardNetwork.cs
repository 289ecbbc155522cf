using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Workloads.SelfPlay.Games;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.SelfPlay;

/// <summary>A network for a board that is code of the user's own.</summary>
internal static class OwnBoardNetwork
{
    private const int Positions = 2;

    /// <exception cref="ConfigurationException">It does not compile.</exception>
    public static bool Fits(OwnSource source) => OwnModel<BoardNetwork, BoardNetworkOptions>.Fits(source);

    /// <exception cref="ConfigurationException">It does not compile, is no network for a board, or its constructor throws.</exception>
    public static BoardArchitecture Of(OwnSource source)
    {
        var model = Model(source, new Hex(DecisionPositions.Shipped[0].Size));
        return new(source.Name, model.Published, model.Paper, model.Build)
        {
            HasBatchNormalisation = model.HasBatchNormalisation,
            SourceSha256 = source.Sha256,
        };
    }

    /// <summary>What a training step on two positions costs, in which layers and operators agree.</summary>
    /// <exception cref="ConfigurationException">
    /// It cannot be counted or does not run, or what it multiplies does not grow with the number of positions.
    /// </exception>
    public static StepCount Price(OwnSource source, IGame game)
    {
        var (model, options) = (Model(source, game), BoardNetworkOptions.Of(game));
        return model.Count(
            options,
            Positions,
            $"positions of {game.Name}",
            network =>
            {
                var (policy, value) = network.call(zeros(Positions, options.Planes, options.Rows, options.Columns));
                model.RequireShape(network, $"{Positions} positions", policy, [Positions, options.Moves], "a logit for each move");
                model.RequireShape(network, $"{Positions} positions", value, [Positions], "what the player may expect");
                return policy.mean().Plus(value.mean());
            },
            network => SelfPlayTask.PriceOfOne(network, game, CPU)
        );
    }

    private static OwnModel<BoardNetwork, BoardNetworkOptions> Model(OwnSource source, IGame game) =>
        OwnModel<BoardNetwork, BoardNetworkOptions>.Of(source, BoardNetworkOptions.Of(game), nameof(BoardNetworkOptions));
}
