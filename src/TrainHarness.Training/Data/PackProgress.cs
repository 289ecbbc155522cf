namespace TrainHarness.Training.Data;

/// <summary>How far the packing of a dataset is, in examples. Reports come from several threads and may overtake each other.</summary>
/// <param name="Rejected">Why a pack that was already there is not used and the dataset is packed again; null in every other report.</param>
public sealed record PackProgress(int Done, int Total, string? Rejected = null);
