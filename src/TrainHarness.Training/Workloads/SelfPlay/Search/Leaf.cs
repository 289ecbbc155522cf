using TrainHarness.Training.Workloads.SelfPlay.Games;

namespace TrainHarness.Training.Workloads.SelfPlay.Search;

/// <summary>A position that waits for a network's opinion.</summary>
/// <param name="Symmetry">By which the network is shown the board.</param>
internal readonly record struct Leaf(Position Position, int Symmetry);
