namespace TrainHarness.Training.Data;

/// <summary>How far the packing of a dataset, or the check of a pack that was there, is, in examples. Reports come from several threads and may overtake each other.</summary>
/// <param name="Unreadable">Name of an image that cannot be decoded, and why; null in every other report.</param>
/// <param name="IsCheck">It is the check, of which only that of a large pack is reported.</param>
/// <param name="Rejected">Why a pack that was already there is not used and the dataset is packed again; null in every other report.</param>
public sealed record PackProgress(int Done, int Total, string? Rejected = null, string? Unreadable = null, bool IsCheck = false);
