using System.Text.Json.Serialization;
using TrainHarness.Protocol;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

/// <summary>What a pack says of itself. Checksums are 64 lower-case hexadecimal digits.</summary>
public sealed record DatasetPackHeader
{
    public required string Name { get; init; }

    /// <summary>Height and width of every example, in pixels.</summary>
    public required int Side { get; init; }

    /// <summary>A label is the index of its class here; in ordinal order.</summary>
    public required IReadOnlyList<string> ClassNames { get; init; }

    public required int TrainCount { get; init; }

    public required int ValidationCount { get; init; }

    /// <summary>The declared part of the source that was packed.</summary>
    public required Subset Subset { get; init; }

    /// <summary>Names of the images that are not here because they cannot be decoded, in ordinal order.</summary>
    public required IReadOnlyList<string> Unreadable { get; init; }

    /// <summary>How many files of the source were not read, by reason; absent from packs of versions that did not count them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, int>? PassedOver { get; init; }

    /// <summary>Lines about how the source was read, where it could have been read otherwise; absent where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Remarks { get; init; }

    /// <summary>Cheap identity of source, subset, side and format on this machine; decides whether the pack may still be used.</summary>
    public required string SourceStamp { get; init; }

    /// <summary>
    /// Identity of the source's content on any machine: names, lengths and checksums of the encoded examples, and the subset.
    /// </summary>
    public required string SourceFingerprint { get; init; }

    /// <summary>Checksum of side, counts, labels and pixels.</summary>
    public required string PayloadSha256 { get; init; }
}
