using TrainHarness.Training.Workloads.ImageClassification.Data.Trees;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Layouts;

/// <summary>What a tree holds, as a dataset.</summary>
internal sealed class ImageListing
{
    /// <summary>In ordinal order of name.</summary>
    public required IReadOnlyList<ExampleEntry> Entries { get; init; }

    /// <summary>The files in the order of <see cref="Entries"/>.</summary>
    public required IReadOnlyDictionary<string, TreeEntry> FileOf { get; init; }

    /// <summary>Lists that gave classes.</summary>
    public required IReadOnlyList<TreeEntry> Lists { get; init; }

    public required PassedOver PassedOver { get; init; }

    /// <summary>How it was read, where it could have been read otherwise; a line each.</summary>
    public required IReadOnlyList<string> Remarks { get; init; }
}
