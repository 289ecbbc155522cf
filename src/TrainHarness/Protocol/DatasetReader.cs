namespace TrainHarness.Protocol;

/// <summary>Reads the description of a dataset strictly.</summary>
public static class DatasetReader
{
    private const int MostExamples = 1_000_000_000;

    public static DatasetDescription Read(string name, ConfigurationNode node)
    {
        node.Allow("kind", "path", "download", "mean", "standardDeviation", "seed", "classes", "trainPerClass", "validationPerClass", "allowUnreadable", "expected");
        var kind = node.Required("kind").Choice(
            ("synthetic", DatasetKind.Synthetic), ("image-folder", DatasetKind.ImageFolder), ("image-tar", DatasetKind.ImageTar));
        if (kind == DatasetKind.Synthetic)
            node.Allow("kind", "mean", "standardDeviation", "seed", "classes", "trainPerClass", "validationPerClass");
        else
            node.Allow("kind", "path", "download", "mean", "standardDeviation", "classes", "allowUnreadable", "expected");
        return new DatasetDescription
        {
            Name = name,
            Kind = kind,
            Path = node.Optional("path")?.PathText(),
            Mean = node.Required("mean").Numbers(3, 0, 1),
            StandardDeviation = node.Required("standardDeviation").Numbers(3, 0.001, 1),
            Classes = kind == DatasetKind.Synthetic ? null : node.Optional("classes") is { } classes ? ClassNames(classes) : null,
            AllowUnreadable = node.Optional("allowUnreadable")?.Whole(0, 1_000_000) ?? 0,
            Expected = node.Optional("expected") is { } expected ? Expected(expected) : null,
            Download = node.Optional("download") is { } download ? Download(download) : null,
            Synthetic = kind == DatasetKind.Synthetic ? Synthetic(node) : null,
        };
    }

    private static List<string> ClassNames(ConfigurationNode node)
    {
        List<string> names = [.. node.Items().Select(item => item.Text())];
        return names.Count >= 2 && names.Distinct().Count() == names.Count
            ? names
            : throw node.Error("'classes' is no list of classes; allowed: at least two names, each once.");
    }

    private static ExpectedCounts Expected(ConfigurationNode node)
    {
        node.Allow("train", "validation", "classes");
        return new ExpectedCounts(node.Required("train").Whole(1, MostExamples), node.Required("validation").Whole(1, MostExamples), node.Optional("classes")?.Whole(2, 1_000_000));
    }

    private static DownloadDescription Download(ConfigurationNode node)
    {
        node.Allow("address", "bytes", "sha256", "md5", "md5OfFirstMebibyte");
        var address = node.Required("address");
        if (!Uri.TryCreate(address.Text(), UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http") || Path.GetFileName(uri.LocalPath).Length == 0)
            throw address.Error($"'{address.Text()}' is no address of a file; allowed: https://HOST/PATH/FILE.");
        (string Key, ChecksumKind Kind, int Digits)[] kinds = [("sha256", ChecksumKind.Sha256, 64), ("md5", ChecksumKind.Md5, 32), ("md5OfFirstMebibyte", ChecksumKind.Md5OfFirstMebibyte, 32)];
        var given = kinds.Where(kind => node.Optional(kind.Key) is not null).ToList();
        if (given.Count != 1)
            throw node.Error($"a download needs one checksum; allowed: {string.Join(", ", kinds.Select(kind => kind.Key))}.");
        var checksum = new Checksum(given[0].Kind, Digits(node.Required(given[0].Key), given[0].Digits));
        return new DownloadDescription(uri, node.Required("bytes").Whole(1, long.MaxValue), checksum);
    }

    private static string Digits(ConfigurationNode node, int count) => node.Text() is { } text && text.Length == count && text.All(char.IsAsciiHexDigitLower)
        ? text
        : throw node.Error($"'{node.Text()}' is no checksum; allowed: {count} lower-case hexadecimal digits.");

    private static SyntheticDescription Synthetic(ConfigurationNode node) => new()
    {
        Seed = node.Required("seed").Whole(0, int.MaxValue),
        Classes = node.Required("classes").Whole(2, 1000),
        TrainPerClass = node.Required("trainPerClass").Whole(1, 1_000_000),
        ValidationPerClass = node.Required("validationPerClass").Whole(1, 1_000_000),
    };
}
