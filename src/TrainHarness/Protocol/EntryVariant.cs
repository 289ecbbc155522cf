using System.Globalization;
using System.Text.RegularExpressions;

namespace TrainHarness.Protocol;

/// <summary>
/// What an entry changes, as it stands in its name: the learning rate of its recipe, the part of the data and the size of example that it
/// sees, the width and the depth of its network. <c>lr-0.05</c>, <c>data-0.25</c>, <c>data-0.25.size-64</c>.
/// </summary>
public sealed partial record EntryVariant
{
    /// <summary>In words, for errors.</summary>
    public const string Allowed =
        "lr-NUMBER, data-PART below 1, size-PIXELS, width-NUMBER and depth-NUMBER, each at most once and in this order, for example "
        + "data-0.25.size-64";

    /// <summary>Of the text in an entry's name, without its anchors.</summary>
    internal const string Pattern = @"(\.lr-[0-9.]+)?(\.data-[0-9.]+)?(\.size-[0-9]+)?(\.width-[0-9.]+)?(\.depth-[0-9.]+)?";

    private const double MaxRate = 1000;
    private const double MaxMultiplier = 100;
    private const int MaxSize = 8192;

    /// <summary>In place of the recipe's; null keeps that.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Part of the study's training examples; null where all are seen.</summary>
    public double? Data { get; init; }

    /// <summary>Of the examples that the network sees, in the workload's own unit; null keeps the study's.</summary>
    public int? Size { get; init; }

    /// <summary>Times as many channels as the network is published with; null for as many.</summary>
    public double? Width { get; init; }

    /// <summary>Times as many layers as the network is published with; null for as many.</summary>
    public double? Depth { get; init; }

    /// <summary>All of it but the learning rate; null where nothing else is changed.</summary>
    public EntryVariant? WithoutRate => this with { LearningRate = null } is var rest && rest != new EntryVariant() ? rest : null;

    /// <summary>As it stands in an entry's name; every digit, no exponent.</summary>
    public override string ToString()
    {
        List<string> parts = [];
        Add("lr", LearningRate);
        Add("data", Data);
        Add("size", Size);
        Add("width", Width);
        Add("depth", Depth);
        return string.Join('.', parts);

        void Add(string prefix, double? value)
        {
            if (value is { } known)
                parts.Add($"{prefix}-{Digits(known)}");
        }
    }

    /// <summary>Null where the text is no known variant.</summary>
    public static EntryVariant? Parse(string text)
    {
        if (text.Length == 0 || Whole().Match($".{text}") is not { Success: true } match)
            return null;
        var variant = new EntryVariant
        {
            LearningRate = Number("lr"),
            Data = Number("data"),
            Size = (int?)Number("size"),
            Width = Number("width"),
            Depth = Number("depth"),
        };
        // One way to write it, and nothing that changes nothing: the same trial would be measured twice. Rates are as they always were.
        return
            variant
                is {
                    LearningRate: null or (> 0 and <= MaxRate),
                    Data: null or (> 0 and < 1),
                    Size: null or (> 0 and <= MaxSize),
                    Width: null or (> 0 and <= MaxMultiplier and not 1),
                    Depth: null or (> 0 and <= MaxMultiplier and not 1),
                }
            && (variant.WithoutRate is not { } rest || $".{text}".EndsWith($".{rest}", StringComparison.Ordinal))
            ? variant
            : null;

        // A text that is no number becomes 0, which every limit refuses.
        double? Number(string kind) =>
            match.Groups[kind] is not { Success: true } group ? null
            : double.TryParse(group.ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number
            : 0;
    }

    /// <summary>The name of an entry with nothing of its variant but the learning rate.</summary>
    public static string MethodOf(string entry)
    {
        var parts = entry.Split('.', 3);
        if (parts is not [var architecture, var recipe, var text] || Parse(text) is not { } variant)
            return entry;
        return variant.LearningRate is null
            ? $"{architecture}.{recipe}"
            : $"{architecture}.{recipe}.{new EntryVariant { LearningRate = variant.LearningRate }}";
    }

    private static string Digits(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        if (text.Split("E-") is not [var digits, var exponent])
            return text;
        var zeros = new string('0', int.Parse(exponent, CultureInfo.InvariantCulture) - 1);
        return $"0.{zeros}{digits.Replace(".", "", StringComparison.Ordinal)}";
    }

    private const string Decimal = @"([0-9]+\.?[0-9]*|\.[0-9]+)";

    [GeneratedRegex(
        $@"^(\.lr-(?<lr>{Decimal}))?(\.data-(?<data>{Decimal}))?(\.size-(?<size>[0-9]{{1,5}}))?"
            + $@"(\.width-(?<width>{Decimal}))?(\.depth-(?<depth>{Decimal}))?\z"
    )]
    private static partial Regex Whole();
}
