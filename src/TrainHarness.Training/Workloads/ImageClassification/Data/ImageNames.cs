namespace TrainHarness.Training.Workloads.ImageClassification.Data;

/// <summary>What a file's name says about it, so that most need not be looked into.</summary>
internal static class ImageNames
{
    public static IReadOnlyList<string> Extensions { get; } = [".jpeg", ".jpg", ".png", ".webp", ".bmp", ".gif"];

    private static readonly HashSet<string> OfImages = new(Extensions, StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> OfOthers = new(StringComparer.OrdinalIgnoreCase)
    {
        ".txt",
        ".csv",
        ".tsv",
        ".json",
        ".jsonl",
        ".xml",
        ".yaml",
        ".yml",
        ".md",
        ".html",
        ".htm",
        ".log",
        ".ini",
        ".db",
        ".py",
        ".sh",
        ".m",
        ".mat",
        ".npy",
        ".npz",
        ".pkl",
        ".pt",
        ".pth",
        ".h5",
        ".parquet",
        ".tar",
        ".gz",
        ".tgz",
        ".zip",
        ".7z",
        ".xz",
        ".bz2",
        ".zst",
        ".pdf",
        ".mp4",
        ".avi",
        ".mov",
        ".cls",
        ".part",
        ".tmp",
        ".lock",
        ".sha256",
        ".md5",
        ".names",
    };

    /// <summary>Its extension is an image's; what it is shows when it is decoded.</summary>
    public static bool IsImage(string leaf) => !IsHidden(leaf) && OfImages.Contains(Path.GetExtension(leaf));

    /// <summary>Droppings of file managers begin with a dot.</summary>
    public static bool IsHidden(string leaf) => leaf.StartsWith('.') || leaf == "__MACOSX";

    /// <summary>It is hidden, or lies in a folder that is.</summary>
    /// <param name="name">With '/' separators.</param>
    public static bool HasHiddenPart(ReadOnlySpan<char> name)
    {
        foreach (var part in name.Split('/'))
        {
            if (name[part] is ['.', ..] or "__MACOSX")
                return true;
        }

        return false;
    }

    public static bool IsOther(string leaf) => OfOthers.Contains(Path.GetExtension(leaf));

    /// <summary>Its name leaves open whether it is an image: another image's extension, an unknown one, or none.</summary>
    public static bool NeedsLook(string leaf) => !IsHidden(leaf) && !OfImages.Contains(Path.GetExtension(leaf)) && !IsOther(leaf);
}
