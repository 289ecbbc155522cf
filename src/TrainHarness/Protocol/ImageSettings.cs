namespace TrainHarness.Protocol;

/// <summary>The keys of a study of images: what is read, how much of it, and how large it is seen.</summary>
public sealed record ImageSettings : IWorkloadSettings
{
    /// <summary>As they stand in a study, in this order.</summary>
    public static IReadOnlyList<string> Keys { get; } = ["dataset", "subset", "imageSize", "packSize"];

    public required DatasetDescription Dataset { get; init; }

    public required Subset Subset { get; init; }

    /// <summary>Side in pixels of what a network sees.</summary>
    public required int ImageSize { get; init; }

    /// <summary>Side in pixels of what is stored; a training crop is taken from it, and the centre of it is evaluated.</summary>
    public required int PackSize { get; init; }

    public IReadOnlyDictionary<string, object?> Lines => new Dictionary<string, object?>
    {
        ["dataset"] = new Dictionary<string, object?> { ["name"] = Dataset.Name, ["description"] = LinesOf(Dataset) },
        ["subset"] = LinesOf(Subset),
        ["imageSize"] = ImageSize,
        ["packSize"] = PackSize,
    };

    /// <summary>What must be there does not change what is measured on it.</summary>
    public IWorkloadSettings Measured => this with { Dataset = Dataset with { Expected = null } };

    public IWorkloadSettings WithTrainFraction(double fraction) => this with { Subset = Subset with { TrainFraction = Subset.TrainFraction * fraction } };

    /// <exception cref="InvalidCastException">The study is not one of images.</exception>
    public static ImageSettings Of(Study study) => (ImageSettings)study.Settings;

    /// <summary>Reads them strictly; the study's other keys are no business of theirs.</summary>
    public static ImageSettings Read(ConfigurationNode study, ConfigurationFolders folders)
    {
        var imageSize = study.Required("imageSize").Whole(1, 8192);
        return new ImageSettings
        {
            Dataset = ReadDataset(study.Required("dataset"), folders),
            Subset = ReadSubset(study.Optional("subset")),
            ImageSize = imageSize,
            PackSize = study.Optional("packSize")?.Whole(imageSize, 8192) ?? UsualPackSize(imageSize),
        };
    }

    /// <summary>The side that is stored where the study names none: the 256 to 224 of ImageNet practice.</summary>
    private static int UsualPackSize(int imageSize) => (int)Math.Ceiling(imageSize * 256 / 224.0);

    private static DatasetDescription ReadDataset(ConfigurationNode node, ConfigurationFolders folders)
    {
        if (node.IsMapping)
        {
            node.Allow("name", "description");
            var name = node.Required("name").Text();
            return DatasetReader.Read(name, node.Required("description"));
        }

        var file = folders.Find("datasets", node.Text(), node);
        return DatasetReader.Read(node.Text(), ConfigurationNode.Load(file));
    }

    private static Subset ReadSubset(ConfigurationNode? node)
    {
        if (node is null)
            return Subset.Everything;
        node.Allow("classes", "firstClasses", "trainFraction", "validationFraction");
        var classes = node.Optional("classes");
        var first = node.Optional("firstClasses");
        if (classes is not null && first is not null)
            throw first.Error("'firstClasses' and 'classes' exclude each other; allowed: one of them.");
        return new Subset
        {
            Classes = classes is null || IsAll(classes) ? null : Distinct(classes),
            FirstClasses = first?.Whole(2, 1_000_000),
            TrainFraction = node.Optional("trainFraction")?.Positive(1) ?? 1,
            ValidationFraction = node.Optional("validationFraction")?.Positive(1) ?? 1,
        };
    }

    private static bool IsAll(ConfigurationNode node) => node.IsScalar && node.Choice(("all", true));

    private static List<string> Distinct(ConfigurationNode node)
    {
        List<string> names = [.. node.Items().Select(item => item.Text())];
        return names.Distinct().Count() == names.Count ? names : throw node.Error("a value stands twice in the list.");
    }

    private static Dictionary<string, object?> LinesOf(DatasetDescription dataset)
    {
        var lines = new Dictionary<string, object?>
        {
            ["kind"] = dataset.Kind switch
            {
                DatasetKind.Synthetic => "synthetic",
                DatasetKind.ImageFolder => "image-folder",
                DatasetKind.ImageTar => "image-tar",
                _ => throw new ArgumentOutOfRangeException(nameof(dataset), dataset.Kind, null),
            },
        };

        // The path is the machine's, not the study's: it stays out, and --data names it.
        lines["mean"] = dataset.Mean.ToList();
        lines["standardDeviation"] = dataset.StandardDeviation.ToList();
        if (dataset.Classes is { } classes)
            lines["classes"] = classes.ToList();
        if (dataset.AllowUnreadable > 0)
            lines["allowUnreadable"] = dataset.AllowUnreadable;
        if (dataset.Expected is { } expected)
            lines["expected"] = LinesOf(expected);
        if (dataset.Synthetic is { } synthetic)
        {
            lines["seed"] = synthetic.Seed;
            lines["classes"] = synthetic.Classes;
            lines["trainPerClass"] = synthetic.TrainPerClass;
            lines["validationPerClass"] = synthetic.ValidationPerClass;
        }

        return lines;
    }

    private static Dictionary<string, object?> LinesOf(ExpectedCounts expected)
    {
        var lines = new Dictionary<string, object?> { ["train"] = expected.Train, ["validation"] = expected.Validation };
        if (expected.Classes is { } classes)
            lines["classes"] = classes;
        return lines;
    }

    private static Dictionary<string, object?> LinesOf(Subset subset)
    {
        var lines = new Dictionary<string, object?>();
        if (subset.Classes is { } classes)
            lines["classes"] = classes.ToList();
        if (subset.FirstClasses is { } first)
            lines["firstClasses"] = first;
        lines["trainFraction"] = subset.TrainFraction;
        lines["validationFraction"] = subset.ValidationFraction;
        return lines;
    }
}
