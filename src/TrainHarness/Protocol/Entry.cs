using System.Globalization;

namespace TrainHarness.Protocol;

/// <summary>An architecture with a recipe, and at most one variant of it: <c>resnet18.sgd-smooth90.lr-0.05</c>.</summary>
public sealed record Entry(string Name, string Architecture, Recipe Recipe, EntryVariant? Variant)
{
    /// <summary>The recipe's rule for the architecture, with the variant applied.</summary>
    public StartRule StartFor(bool hasBatchNormalisation)
    {
        var start = Recipe.StartFor(hasBatchNormalisation);
        return Variant is { LearningRate: { } rate } ? start with { LearningRate = rate } : start;
    }
}

/// <summary>What an entry changes in its recipe.</summary>
public sealed record EntryVariant(double LearningRate)
{
    private const string Prefix = "lr-";
    private const double Max = 1000;

    /// <summary>As it stands in an entry's name; every digit, no exponent.</summary>
    public override string ToString()
    {
        var text = LearningRate.ToString("R", CultureInfo.InvariantCulture);
        if (text.Split("E-") is not [var digits, var exponent])
            return Prefix + text;
        var zeros = new string('0', int.Parse(exponent, CultureInfo.InvariantCulture) - 1);
        return $"{Prefix}0.{zeros}{digits.Replace(".", "", StringComparison.Ordinal)}";
    }

    /// <summary>Null where the text is no known variant.</summary>
    public static EntryVariant? Parse(string text) =>
        text.StartsWith(Prefix, StringComparison.Ordinal)
        && double.TryParse(text.AsSpan(Prefix.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var rate)
        && rate is > 0 and <= Max
            ? new EntryVariant(rate)
            : null;
}
