using System.Text.Json.Nodes;

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

    /// <summary>The classes that the dataset consists of, where the files hold more; null takes all that are there.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>How many images may be left out because they cannot be decoded; one more fails the preparation.</summary>
    public int AllowUnreadable { get; init; }

    /// <summary>How many images the whole set has; null where the file does not say.</summary>
    public ExpectedCounts? Expected { get; init; }

    /// <summary>Where the archive can be had by anybody; null where it cannot.</summary>
    public DownloadDescription? Download { get; init; }

    /// <summary>What is drawn, for synthetic data; null otherwise.</summary>
    public required SyntheticDescription? Synthetic { get; init; }
}

/// <summary>Images of the whole set, before a study takes a part of it.</summary>
/// <param name="Classes">
/// Of the whole set: what has fewer is a part of it, whose images are not counted. Null counts the images of whatever classes are there.
/// </param>
public sealed record ExpectedCounts(int Train, int Validation, int? Classes)
{
    private const int Max = 1_000_000_000;

    public static Fields<ExpectedCounts> Fields { get; } =
        new(
            new ExpectedCounts(1, 1, null),
            Field.Required(
                "train",
                Kind.Whole(1, Max),
                "Training images.",
                (ExpectedCounts counts) => counts.Train,
                (counts, value) => counts with { Train = value }
            ),
            Field.Required(
                "validation",
                Kind.Whole(1, Max),
                "Validation images.",
                (ExpectedCounts counts) => counts.Validation,
                (counts, value) => counts with { Validation = value }
            ),
            Field.Optional(
                "classes",
                Kind.Whole(2, 1_000_000),
                "Classes of the whole set; with fewer, nothing is counted.",
                (ExpectedCounts counts) => counts.Classes,
                (counts, value) => counts with { Classes = value }
            )
        );
}

/// <summary>One file to fetch, and how to know that it is the right one.</summary>
/// <param name="Address">https, or http; the last part of its path names the file.</param>
/// <param name="Bytes">Length of the file.</param>
public sealed record DownloadDescription(Uri Address, long Bytes, Checksum Checksum)
{
    private static readonly Field<DownloadDescription>[] Checksums =
    [
        Digits("sha256", ChecksumKind.Sha256, 64, "SHA-256 of the file."),
        Digits("md5", ChecksumKind.Md5, 32, "MD5 of the file."),
        Digits("md5OfFirstMebibyte", ChecksumKind.Md5OfFirstMebibyte, 32, "MD5 of the file's first 2^20 bytes."),
    ];

    public static Fields<DownloadDescription> Fields { get; } =
        new(
            new DownloadDescription(new Uri("https://localhost/file"), 1, new Checksum(ChecksumKind.Sha256, "")),
            [
                Field.Required(
                    "address",
                    new Kind<Uri>(
                        ReadAddress,
                        address => address.ToString(),
                        () => new JsonObject { ["type"] = "string", ["pattern"] = "^[Hh][Tt][Tt][Pp][Ss]?:" }
                    ),
                    "Of the file: https or http.",
                    (DownloadDescription download) => download.Address,
                    (download, value) => download with { Address = value }
                ),
                Field.Required(
                    "bytes",
                    Kind.Whole(1, long.MaxValue),
                    "Length of the file.",
                    (DownloadDescription download) => download.Bytes,
                    (download, value) => download with { Bytes = value }
                ),
                .. Checksums,
            ]
        )
        {
            Finish = (download, node) =>
                Checksums.Count(field => node.Optional(field.Name) is not null) == 1
                    ? download
                    : throw node.Error(
                        $"a download needs one checksum; allowed: {string.Join(", ", Checksums.Select(field => field.Name))}."
                    ),
            Besides = () =>
                new JsonObject
                {
                    ["oneOf"] = new JsonArray([.. Checksums.Select(field => new JsonObject { ["required"] = new JsonArray(field.Name) })]),
                },
        };

    public string FileName => Path.GetFileName(Address.LocalPath);

    private static Uri ReadAddress(ConfigurationNode node) =>
        Uri.TryCreate(node.Text(), UriKind.Absolute, out var uri)
        && uri.Scheme is "https" or "http"
        && Path.GetFileName(uri.LocalPath).Length > 0
            ? uri
            : throw node.Error($"'{node.Text()}' is no address of a file; allowed: https://HOST/PATH/FILE.");

    private static Field<DownloadDescription> Digits(string name, ChecksumKind kind, int count, string description) =>
        Field.Optional(
            name,
            new Kind<string>(
                node =>
                    node.Text() is { } text && text.Length == count && text.All(char.IsAsciiHexDigitLower)
                        ? text
                        : throw node.Error($"'{node.Text()}' is no checksum; allowed: {count} lower-case hexadecimal digits."),
                digits => digits,
                () => new JsonObject { ["type"] = new JsonArray("string", "number"), ["pattern"] = $"^[0-9a-f]{{{count}}}$" }
            ),
            description,
            (DownloadDescription download) => download.Checksum.Kind == kind ? download.Checksum.Digits : null,
            (download, value) => download with { Checksum = new Checksum(kind, value) }
        );
}

/// <summary>A checksum as its publisher gives it.</summary>
/// <param name="Digits">Lower-case hexadecimal.</param>
public sealed record Checksum(ChecksumKind Kind, string Digits);

/// <summary>MD5 finds accidents, not forgeries; some publishers give nothing better.</summary>
public enum ChecksumKind
{
    Sha256,
    Md5,

    /// <summary>MD5 of the first 2^20 bytes, as fast.ai gives it; only the length says anything of the rest.</summary>
    Md5OfFirstMebibyte,
}

/// <summary>Size and seed of a drawn dataset.</summary>
public sealed record SyntheticDescription
{
    public required int Seed { get; init; }

    public required int Classes { get; init; }

    public required int TrainPerClass { get; init; }

    public required int ValidationPerClass { get; init; }
}
