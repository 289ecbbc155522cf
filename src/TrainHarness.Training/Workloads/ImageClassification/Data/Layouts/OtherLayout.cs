using System.Text.RegularExpressions;
using TrainHarness.Files;
using TrainHarness.Training.Workloads.ImageClassification.Data.Trees;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Layouts;

/// <summary>
/// What is said of a tree that is not laid out as anything that is read: what it holds, where that is known, and what is read.
/// </summary>
internal static partial class OtherLayout
{
    private const string Allowed = "allowed: train/CLASS/IMAGE and val/CLASS/IMAGE";
    private const string AllowedMore =
        $"{Allowed}, the archives ILSVRC2012_img_train.tar and ILSVRC2012_img_val.tar with a list of classes, or Parquet or WebDataset "
        + $"shards";

    private static readonly (Func<string, bool> Is, string Words)[] Unread =
    [
        (
            name =>
                name.EndsWith(".tfrecord", StringComparison.OrdinalIgnoreCase)
                || name.Contains(".tfrecord-", StringComparison.OrdinalIgnoreCase)
                || TfRecordShard().IsMatch(name),
            "TFRecord files"
        ),
        (name => name is "data.mdb" || name.EndsWith(".lmdb", StringComparison.OrdinalIgnoreCase), "an LMDB database"),
        (name => HasExtension(name, ".beton"), "FFCV files"),
        (name => HasExtension(name, ".h5", ".hdf5"), "HDF5 files"),
        (name => HasExtension(name, ".npz", ".npy"), "NumPy arrays"),
        (name => HasExtension(name, ".arrow", ".feather"), "Arrow files"),
        (name => HasExtension(name, ".rec"), "MXNet records"),
        (
            name => HasExtension(name, ".zip", ".tgz", ".gz", ".xz", ".bz2", ".zst", ".7z", ".rar", ".tar"),
            "archives whose names say nothing that is known"
        ),
    ];

    /// <summary>A split is missing.</summary>
    public static ConfigurationException Refusal(IFileTree tree, string split)
    {
        var top = tree.Top("");
        if (top.Count(entry => ClassArchive().IsMatch(entry.Leaf)) is var archives and > 0)
        {
            var first = top.Where(entry => ClassArchive().IsMatch(entry.Leaf))
                .Select(entry => entry.Leaf)
                .Order(StringComparer.Ordinal)
                .First();
            return new ConfigurationException(
                $"{tree.Place}: holds {archives} archives of one class each, such as {first}, and no validation images; "
                    + $"allowed: the folder with ILSVRC2012_img_train.tar, ILSVRC2012_img_val.tar and a list of its classes "
                    + $"({LabelLists.Known})"
            );
        }

        var words = Unread.FirstOrDefault(kind => top.Any(entry => entry.Kind != TreeKind.Folder && kind.Is(entry.Leaf))).Words;
        return new ConfigurationException(
            words is null
                ? $"{tree.Place}: no {split}/ folder; {AllowedMore}"
                : $"{tree.Place}: no {split}/ folder but {words}, which are not read; {AllowedMore}"
        );
    }

    /// <summary>A split is there, and its images are not as they must be.</summary>
    public static ConfigurationException Refusal(IFileTree tree, TreeEntry split, string problem)
    {
        var isValidation = !split.Leaf.Equals(ImageLayout.TrainFolder, StringComparison.OrdinalIgnoreCase);
        return new ConfigurationException(
            $"{tree.Place}: {problem}; {Allowed}{(isValidation ? $", or val/IMAGE with a list ({LabelLists.Known})" : "")}"
        );
    }

    private static bool HasExtension(string name, params string[] extensions) =>
        extensions.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);

    [GeneratedRegex(@"^(train|validation)-\d+-of-\d+$")]
    private static partial Regex TfRecordShard();

    [GeneratedRegex(@"^n\d{8}\.tar$")]
    private static partial Regex ClassArchive();
}
