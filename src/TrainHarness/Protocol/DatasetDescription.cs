namespace TrainHarness.Protocol;

/// <summary>Where the examples of a dataset come from and how they are read.</summary>
public enum DatasetKind
{
    /// <summary>Drawn from a seed; needs no file.</summary>
    Synthetic,

    /// <summary>Folders <c>train/CLASS/*</c> and <c>val/CLASS/*</c>.</summary>
    ImageFolder,

    /// <summary>The same layout in a .tar, .tar.gz or .tgz.</summary>
    ImageTar,
}

/// <summary>A dataset as its file under configs/datasets describes it.</summary>
public sealed record DatasetDescription
{
    public required string Name { get; init; }

    public required DatasetKind Kind { get; init; }

    /// <summary>Folder or archive; null where the study run must name it with <c>--data</c>, and for synthetic data.</summary>
    public required string? Path { get; init; }

    /// <summary>Mean of each of three channels, of values from 0 to 1, that is subtracted from an example.</summary>
    public required IReadOnlyList<double> Mean { get; init; }

    /// <summary>Standard deviation of each of three channels that an example is divided by.</summary>
    public required IReadOnlyList<double> StandardDeviation { get; init; }

    /// <summary>What is drawn, for synthetic data; null otherwise.</summary>
    public required SyntheticDescription? Synthetic { get; init; }
}

/// <summary>Size and seed of a drawn dataset.</summary>
public sealed record SyntheticDescription
{
    public required int Seed { get; init; }

    public required int Classes { get; init; }

    public required int TrainPerClass { get; init; }

    public required int ValidationPerClass { get; init; }
}
