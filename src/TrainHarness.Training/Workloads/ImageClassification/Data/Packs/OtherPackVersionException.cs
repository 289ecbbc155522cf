namespace TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

/// <summary>A pack of another version of the format: whole, perhaps, but not to be read.</summary>
internal sealed class OtherPackVersionException(string message) : IOException(message);
