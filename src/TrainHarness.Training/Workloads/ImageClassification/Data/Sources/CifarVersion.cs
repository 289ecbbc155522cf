namespace TrainHarness.Training.Workloads.ImageClassification.Data.Sources;

/// <summary>One of the four forms in which CIFAR is given out, by the names of its files.</summary>
/// <param name="Archive">In which it is given out.</param>
/// <param name="Folder">That the archive unpacks to.</param>
/// <param name="Names">The file with the names of the classes.</param>
/// <param name="LabelBytes">In front of the pixels of each image, of which the last counts; 0 in a pickle.</param>
internal sealed record CifarVersion(
    string Name,
    string Archive,
    string Folder,
    IReadOnlyList<string> Train,
    string Test,
    string Names,
    int LabelBytes
)
{
    /// <summary>Pixels of one image: 32 × 32, red plane first.</summary>
    public const int PixelBytes = 3 * Side * Side;

    public const int Side = 32;

    public static IReadOnlyList<CifarVersion> All { get; } =
    [
        new("CIFAR-10 for Python", "cifar-10-python.tar.gz", "cifar-10-batches-py", Batches(""), "test_batch", "batches.meta", 0),
        new("binary CIFAR-10", "cifar-10-binary.tar.gz", "cifar-10-batches-bin", Batches(".bin"), "test_batch.bin", "batches.meta.txt", 1),
        new("CIFAR-100 for Python", "cifar-100-python.tar.gz", "cifar-100-python", ["train"], "test", "meta", 0),
        new("binary CIFAR-100", "cifar-100-binary.tar.gz", "cifar-100-binary", ["train.bin"], "test.bin", "fine_label_names.txt", 2),
    ];

    /// <summary>All that are read, in a fixed order.</summary>
    public IReadOnlyList<string> Files => [.. Train, Test, Names];

    public bool IsPickle => LabelBytes == 0;

    /// <summary>It has twenty coarse classes beside its hundred.</summary>
    public bool HasCoarse => Train.Count == 1;

    /// <summary>Whether files of these names are of this form: one name that nothing else has, or two that anything may have.</summary>
    public bool IsAmong(IReadOnlySet<string> names) => Files.Count(names.Contains) >= (HasCoarse ? 2 : 1);

    private static string[] Batches(string extension) =>
        [.. Enumerable.Range(1, 5).Select(number => FormattableString.Invariant($"data_batch_{number}{extension}"))];
}
