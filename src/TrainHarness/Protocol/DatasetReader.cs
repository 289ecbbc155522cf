using System.Text.Json.Nodes;

namespace TrainHarness.Protocol;

/// <summary>Reads the description of a dataset strictly, and writes what of it is not the machine's.</summary>
public static class DatasetReader
{
    internal static readonly DatasetDescription Blank = new()
    {
        Name = "",
        Kind = DatasetKind.Synthetic,
        Path = null,
        Mean = [],
        StandardDeviation = [],
        Synthetic = null,
    };

    private static readonly SyntheticDescription BlankDrawn = new()
    {
        Seed = 0,
        Classes = 2,
        TrainPerClass = 1,
        ValidationPerClass = 1,
    };

    private static readonly (string, DatasetKind)[] DrawnKinds = [("synthetic", DatasetKind.Synthetic)];

    private static readonly (string, DatasetKind)[] StoredKinds =
    [
        ("image-folder", DatasetKind.ImageFolder),
        ("image-tar", DatasetKind.ImageTar),
    ];

    private static readonly Field<DatasetDescription>[] Colours =
    [
        Field.Required(
            "mean",
            Kind.Numbers(3, 0, 1),
            "Mean of red, green and blue, of values from 0 to 1, that is subtracted from an example.",
            (DatasetDescription dataset) => dataset.Mean,
            (dataset, value) => dataset with { Mean = value }
        ),
        Field.Required(
            "standardDeviation",
            Kind.Numbers(3, 0.001, 1),
            "Standard deviation of red, green and blue that an example is divided by.",
            (DatasetDescription dataset) => dataset.StandardDeviation,
            (dataset, value) => dataset with { StandardDeviation = value }
        ),
    ];

    private static readonly Field<DatasetDescription>[] Drawing =
    [
        Drawn("seed", Kind.Whole(0, int.MaxValue), "Of what is drawn.", drawn => drawn.Seed, (drawn, value) => drawn with { Seed = value }),
        Drawn(
            "classes",
            Kind.Whole(2, 1000),
            "How many classes.",
            drawn => drawn.Classes,
            (drawn, value) => drawn with { Classes = value }
        ),
        Drawn(
            "trainPerClass",
            Kind.Whole(1, 1_000_000),
            "Training examples of each class.",
            drawn => drawn.TrainPerClass,
            (drawn, value) => drawn with { TrainPerClass = value }
        ),
        Drawn(
            "validationPerClass",
            Kind.Whole(1, 1_000_000),
            "Validation examples of each class.",
            drawn => drawn.ValidationPerClass,
            (drawn, value) => drawn with { ValidationPerClass = value }
        ),
    ];

    // The place of the data is the machine's, not the study's: it is never written, and --data names it.
    private static readonly Field<DatasetDescription>[] Place =
    [
        Field.Optional(
            "path",
            Kind.Text with
            {
                Read = node => node.PathText(),
            },
            "Folder or archive, relative to this file; --data names it where it is missing.",
            (DatasetDescription _) => null,
            (dataset, value) => dataset with { Path = value }
        ),
        Field.Optional(
            "download",
            Kind.Mapping(DownloadDescription.Fields),
            "Where the archive can be had by anybody.",
            (DatasetDescription _) => null,
            (dataset, value) => dataset with { Download = value }
        ),
    ];

    private static readonly Field<DatasetDescription>[] Contents =
    [
        Field.Optional(
            "allowUnreadable",
            Kind.Whole(0, 1_000_000),
            "How many images may be left out because they cannot be decoded; 0 where it is missing.",
            (DatasetDescription dataset) => dataset.AllowUnreadable > 0 ? dataset.AllowUnreadable : null,
            (dataset, value) => dataset with { AllowUnreadable = value }
        ),
        Field.Optional(
            "expected",
            Kind.Mapping(ExpectedCounts.Fields),
            "How many images the whole set has.",
            (DatasetDescription dataset) => dataset.Expected,
            (dataset, value) => dataset with { Expected = value }
        ),
    ];

    private static readonly Field<DatasetDescription> ClassNames = Field.Optional(
        "classes",
        Kind.List(Kind.Text, min: 2) with
        {
            Read = ReadClassNames,
        },
        "Names of the classes that it consists of; all that are there where it is missing.",
        (DatasetDescription dataset) => dataset.Classes,
        (dataset, value) => dataset with { Classes = value }
    );

    private static readonly Fields<DatasetDescription> DrawnFields = new(Blank, [KindField(DrawnKinds), .. Colours, .. Drawing]);

    private static readonly Fields<DatasetDescription> StoredFields = new(
        Blank,
        [KindField(StoredKinds), .. Place, .. Colours, ClassNames, .. Contents]
    );

    /// <summary>A description that stands in a file of its own, or in a resolved study.</summary>
    internal static Kind<DatasetDescription> AsKind { get; } =
        new(
            node =>
            {
                node.Allow(["kind", .. Place.Concat(Colours).Concat(Drawing).Concat(Contents).Select(field => field.Name)]);
                var kind = node.Required("kind").Choice([.. DrawnKinds, .. StoredKinds]);
                return FieldsOf(kind).Read(node);
            },
            dataset => FieldsOf(dataset.Kind).Lines(dataset),
            () =>
                new JsonObject
                {
                    ["type"] = "object",
                    ["required"] = new JsonArray("kind"),
                    ["anyOf"] = new JsonArray(DrawnFields.Schema(), StoredFields.Schema()),
                }
        );

    public static DatasetDescription Read(string name, ConfigurationNode node) => AsKind.Read(node) with { Name = name };

    private static Fields<DatasetDescription> FieldsOf(DatasetKind kind) => kind == DatasetKind.Synthetic ? DrawnFields : StoredFields;

    private static Field<DatasetDescription> KindField((string, DatasetKind)[] kinds) =>
        Field.Required(
            "kind",
            Kind.Choice(kinds),
            "What it is: drawn from a seed, a folder of images, or an archive of one.",
            (DatasetDescription dataset) => dataset.Kind,
            (dataset, value) => dataset with { Kind = value }
        );

    private static Field<DatasetDescription> Drawn(
        string name,
        Kind<int> kind,
        string description,
        Func<SyntheticDescription, int> get,
        Func<SyntheticDescription, int, SyntheticDescription> set
    ) =>
        Field.Required(
            name,
            kind,
            description,
            (DatasetDescription dataset) => get(dataset.Synthetic ?? BlankDrawn),
            (dataset, value) => dataset with { Synthetic = set(dataset.Synthetic ?? BlankDrawn, value) }
        );

    private static List<string> ReadClassNames(ConfigurationNode node)
    {
        List<string> names = [.. node.Items().Select(item => item.Text())];
        return names.Count >= 2 && names.Distinct().Count() == names.Count
            ? names
            : throw node.Error("'classes' is no list of classes; allowed: at least two names, each once.");
    }
}
