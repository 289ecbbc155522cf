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

    /// <summary>As it stands in an entry's name; every digit, no exponent.</summary>
    public override string ToString() => Prefix + LearningRate.ToString("0.##################", CultureInfo.InvariantCulture);

    /// <summary>Null where the text is no known variant.</summary>
    public static EntryVariant? Parse(string text) =>
        text.StartsWith(Prefix, StringComparison.Ordinal)
        && double.TryParse(text.AsSpan(Prefix.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var rate)
        && rate > 0
            ? new EntryVariant(rate)
            : null;
}
