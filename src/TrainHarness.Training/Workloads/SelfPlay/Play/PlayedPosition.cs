using TrainHarness.Training.Workloads.SelfPlay.Games;

namespace TrainHarness.Training.Workloads.SelfPlay.Play;

/// <summary>A position of a game, what the search made of it, and how the game ended.</summary>
/// <param name="Policy">For each move of the game the part of the visits that it had.</param>
/// <param name="Value">1 where the player to move won, -1 where it lost, 0 for a draw.</param>
internal sealed record PlayedPosition(Position Position, float[] Policy, float Value);
