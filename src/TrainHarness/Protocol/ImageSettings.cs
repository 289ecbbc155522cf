using System.Globalization;
using System.Text.Json.Nodes;
using TrainHarness.Files;

namespace TrainHarness.Protocol;

/// <summary>The keys of a study of images: what is read, how much of it, and how large it is seen.</summary>
public sealed record ImageSettings : IWorkloadSettings
{
    private static readonly Fields<DatasetDescription> Described = new(
        DatasetReader.Blank,
        Field.Required(
            "name",
            Kind.Text,
            "Its name.",
            (DatasetDescription dataset) => dataset.Name,
            (dataset, value) => dataset with { Name = value }
        ),
        Field.Required(
            "description",
            DatasetReader.AsKind,
            "What a file under configs/datasets says.",
            (DatasetDescription dataset) => dataset,
            (dataset, value) => value with { Name = dataset.Name }
        )
    );

    private static readonly Kind<DatasetDescription> NamedOrDescribed = new(
        node =>
            node.IsMapping
                ? Described.Read(node)
                : DatasetReader.Read(
                    node.Text(),
                    ConfigurationNode.Load(ConfigurationFolders.For(node.File).Find("datasets", node.Text(), node))
                ),
        Described.Lines,
        () => new JsonObject { ["anyOf"] = new JsonArray(Kind.Text.Schema(), Described.Schema()) }
    );

    /// <summary>The keys, as they stand in a study.</summary>
    public static Fields<ImageSettings> Fields { get; } =
        new(
            new ImageSettings
            {
                Dataset = DatasetReader.Blank,
                Subset = Subset.Everything,
                ImageSize = 1,
                PackSize = 0,
            },
            Field.Required(
                "dataset",
                NamedOrDescribed,
                "Name of a file under configs/datasets, without its ending.",
                (ImageSettings settings) => settings.Dataset,
                (settings, value) => settings with { Dataset = value }
            ),
            Field.Optional(
                "subset",
                Kind.Mapping(Subset.Fields),
                "The part of the dataset that is used; everything where it is missing.",
                (ImageSettings settings) => settings.Subset,
                (settings, value) => settings with { Subset = value }
            ),
            Field.Required(
                "imageSize",
                Kind.Whole(1, 8192),
                "Side in pixels of what a network sees.",
                (ImageSettings settings) => settings.ImageSize,
                (settings, value) => settings with { ImageSize = value }
            ),
            Field.Optional(
                "packSize",
                Kind.Whole(1, 8192),
                "Side in pixels of what is stored, no less than imageSize; 256 to 224 of it where it is missing.",
                (ImageSettings settings) => (int?)settings.PackSize,
                (settings, value) => settings with { PackSize = value },
                settings => Kind.Whole(settings.ImageSize, 8192)
            )
        )
        {
            Finish = (settings, _) => settings.PackSize > 0 ? settings : settings with { PackSize = UsualPackSize(settings.ImageSize) },
        };

    public required DatasetDescription Dataset { get; init; }

    public required Subset Subset { get; init; }

    /// <summary>Side in pixels of what a network sees.</summary>
    public required int ImageSize { get; init; }

    /// <summary>Side in pixels of what is stored; a training crop is taken from it, and the centre of it is evaluated.</summary>
    public required int PackSize { get; init; }

    /// <summary>Part of the packed training images that a trial trains on; a variant's, and no key.</summary>
    public double TrainPart { get; init; } = 1;

    /// <summary>
    /// Side in pixels of the packed centre that is evaluated, which is brought to <see cref="ImageSize"/>; a variant's too: as much of an
    /// image is seen at every size.
    /// </summary>
    public int CentreSize
    {
        get => field > 0 ? field : ImageSize;
        init;
    }

    public IReadOnlyDictionary<string, object?> Lines => Fields.Lines(this);

    /// <summary>What must be there does not change what is measured on it.</summary>
    public IWorkloadSettings Measured => this with { Dataset = Dataset with { Expected = null } };

    public IWorkloadSettings WithTrainFraction(double fraction) =>
        this with
        {
            Subset = Subset with { TrainFraction = Subset.TrainFraction * fraction },
        };

    /// <inheritdoc/>
    public IWorkloadSettings SeenBy(EntryVariant variant) =>
        variant.Size >= ImageSize
            ? throw new ConfigurationException(
                string.Create(CultureInfo.InvariantCulture, $"images of {variant.Size} px are no smaller than the study's {ImageSize} px.")
            )
            : this with
            {
                TrainPart = variant.Data ?? 1,
                ImageSize = variant.Size ?? ImageSize,
                CentreSize = CentreSize,
            };

    /// <exception cref="InvalidCastException">The study is not one of images.</exception>
    public static ImageSettings Of(Study study) => (ImageSettings)study.Settings;

    /// <summary>The side that is stored where the study names none: the 256 to 224 of ImageNet practice.</summary>
    private static int UsualPackSize(int imageSize) => (int)Math.Ceiling(imageSize * 256 / 224.0);
}
