namespace TrainHarness.Training.Workloads.ImageClassification.Data.Trees;

/// <summary>
/// Files that go with images and say what they are; an archive is read once, so that they are known by their names before anything asks for
/// them.
/// </summary>
internal static class ListFiles
{
    /// <summary>The list of ImageNet's 50,000 validation images has 3 MB.</summary>
    public const long LargestBytes = 64 << 20;

    public const string Annotations = "val_annotations.txt";
    public const string Solution = "LOC_val_solution.csv";
    public const string GroundTruth = "ILSVRC2012_validation_ground_truth.txt";
    public const string Synsets = "meta.mat";

    /// <summary>One class a line, in the order of the validation images' numbers.</summary>
    public static IReadOnlyList<string> Numbered { get; } =
    ["imagenet_2012_validation_synset_labels.txt", "ILSVRC2012_validation_synset_labels.txt"];

    public static bool IsOne(string leaf) => leaf is Annotations or Solution or GroundTruth or Synsets || Numbered.Contains(leaf);
}
