namespace TrainHarness.Protocol;

/// <summary>Reads the description of a dataset strictly.</summary>
public static class DatasetReader
{
    public static DatasetDescription Read(string name, ConfigurationNode node)
    {
        node.Allow("kind", "path", "mean", "standardDeviation", "seed", "classes", "trainPerClass", "validationPerClass");
        var kind = node.Required("kind").Choice(
            ("synthetic", DatasetKind.Synthetic), ("image-folder", DatasetKind.ImageFolder), ("image-tar", DatasetKind.ImageTar));
        if (kind == DatasetKind.Synthetic)
            node.Allow("kind", "mean", "standardDeviation", "seed", "classes", "trainPerClass", "validationPerClass");
        else
            node.Allow("kind", "path", "mean", "standardDeviation");
        return new DatasetDescription
        {
            Name = name,
            Kind = kind,
            Path = node.Optional("path")?.PathText(),
            Mean = node.Required("mean").Numbers(3, 0, 1),
            StandardDeviation = node.Required("standardDeviation").Numbers(3, 0.001, 1),
            Synthetic = kind == DatasetKind.Synthetic ? Synthetic(node) : null,
        };
    }

    private static SyntheticDescription Synthetic(ConfigurationNode node) => new()
    {
        Seed = node.Required("seed").Whole(0, int.MaxValue),
        Classes = node.Required("classes").Whole(2, 1000),
        TrainPerClass = node.Required("trainPerClass").Whole(1, 1_000_000),
        ValidationPerClass = node.Required("validationPerClass").Whole(1, 1_000_000),
    };
}
