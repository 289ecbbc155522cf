using TrainHarness.Training.Workloads.SelfPlay.Games;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.SelfPlay;

/// <summary>
/// A network that looks at positions of a board game. Takes planes <c>[N, planes, rows, columns]</c> for the player to move: his stones,
/// the other's, ones, and ones where the player who began is to move. Gives a logit for each move <c>[N, moves]</c>, and what the player
/// may expect, from -1 to 1, <c>[N]</c>. The base of a network of the user's own, whose constructor takes
/// <see cref="BoardNetworkOptions"/>.
/// </summary>
/// <param name="name">Of the family.</param>
public abstract class BoardNetwork(string name) : Module<Tensor, (Tensor Policy, Tensor Value)>(name);

/// <summary>What the game decides of a network.</summary>
/// <param name="Planes">Of what it sees.</param>
/// <param name="Moves">To choose among; those that the rules forbid are left out by others.</param>
public sealed record BoardNetworkOptions(int Planes, int Rows, int Columns, int Moves)
{
    internal static BoardNetworkOptions Of(IGame game) => new(BoardPlanes.Count, game.Rows, game.Columns, game.Moves);
}
