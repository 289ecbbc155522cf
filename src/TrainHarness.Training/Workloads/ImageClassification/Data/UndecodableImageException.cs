namespace TrainHarness.Training.Workloads.ImageClassification.Data;

/// <summary>An image that cannot be decoded; the message is the reason, without the image's name.</summary>
internal sealed class UndecodableImageException(string reason) : Exception(reason);
