using System.Globalization;
using TrainHarness.Compute;
using TrainHarness.Protocol;

namespace TrainHarness.Published;

/// <summary>A row as its file has it.</summary>
/// <param name="Table3">The number of Table 3 of arXiv:2005.04305, in petaFLOP; null elsewhere.</param>
/// <param name="Operations">What the raw inputs multiply to; null without any.</param>
internal sealed record RawRow(
    string System,
    DateOnly Published,
    double? Compute,
    string Unit,
    StatedConvention Convention,
    double? Factor,
    double? Epochs,
    double? GigaMultiplyAdds,
    double? Table3,
    double? Operations,
    double? Hours,
    IReadOnlyList<RawMethod> Methods,
    IReadOnlyList<string> Flags,
    string Source
);

/// <summary>
/// One of AI and Compute's two methods: what its factors multiply to, in operations, and what was printed, in petaflop/s-days.
/// </summary>
internal sealed record RawMethod(int Number, double Operations, double Printed);

/// <summary>Reads a row strictly.</summary>
internal static class RawRowReader
{
    /// <summary>Training images of ImageNet in the arithmetic of arXiv:2005.04305.</summary>
    private const double ExamplesPerEpoch = 1.28e6;

    public static RawRow Read(ConfigurationNode node, string unit, StatedConvention convention)
    {
        node.Allow(
            "system",
            "published",
            "compute",
            "convention",
            "factor",
            "epochs",
            "gigaMultiplyAdds",
            "table3",
            "operations",
            "hours",
            "methods",
            "flags",
            "source"
        );
        var epochs = Number(node, "epochs");
        var multiplyAdds = Number(node, "gigaMultiplyAdds");
        return new RawRow(
            node.Required("system").Text(),
            DateOnly.ParseExact(node.Required("published").Text(), "yyyy-MM-dd", CultureInfo.InvariantCulture),
            Number(node, "compute"),
            unit,
            node.Optional("convention") is { } own ? PublishedLevelReader.Convention(own) : convention,
            Number(node, "factor"),
            epochs,
            multiplyAdds,
            Number(node, "table3"),
            node.Optional("operations") is { } operations ? Product(operations) : epochs * multiplyAdds * 1e9 * 3 * ExamplesPerEpoch,
            Number(node, "hours"),
            [.. node.Optional("methods")?.Items().Select(Method) ?? []],
            [.. node.Optional("flags")?.Items().Select(flag => flag.Text()) ?? []],
            node.Required("source").Text()
        );
    }

    private static RawMethod Method(ConfigurationNode node)
    {
        node.Allow("method", "operations", "printed");
        return new RawMethod(
            node.Required("method").Whole(1, 2),
            Product(node.Required("operations")),
            node.Required("printed").Positive(double.MaxValue)
        );
    }

    private static double? Number(ConfigurationNode node, string key) => node.Optional(key)?.Positive(double.MaxValue);

    /// <summary>Numbers with * and / between them, from left to right.</summary>
    private static double Product(ConfigurationNode node)
    {
        var words = node.Text().Split(' ');
        var product = Number(words[0]);
        for (var index = 1; index + 1 < words.Length; index += 2)
        {
            product = words[index] switch
            {
                "*" => product * Number(words[index + 1]),
                "/" => product / Number(words[index + 1]),
                _ => throw node.Error($"'{words[index]}' stands between two numbers; allowed: *, /."),
            };
        }

        return words.Length % 2 == 1 ? product : throw node.Error($"'{node.Text()}' ends without a number.");

        double Number(string word) =>
            double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw node.Error($"'{word}' is no number.");
    }
}
