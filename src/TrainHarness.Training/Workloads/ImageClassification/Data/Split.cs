namespace TrainHarness.Training.Workloads.ImageClassification.Data;

/// <summary>The two parts of a dataset: <c>train/</c> and <c>val/</c> on disk.</summary>
public enum Split
{
    Train,
    Validation,
}
