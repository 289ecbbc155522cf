using System.Globalization;

namespace TrainHarness.Protocol.Validation;

/// <summary>What no metric can be: a file that anybody may have written describes it.</summary>
public static class MetricCheck
{
    /// <summary>Longest name and longest signature.</summary>
    private const int MaxLetters = 200;

    /// <summary>What is impossible in a metric; null where nothing is.</summary>
    public static string? Problem(Metric metric)
    {
        // The name is a cell of a comma-separated table.
        if (metric.Name.Length is 0 or > MaxLetters || metric.Name.Any(IsNoLetterOfAName))
            return "a metric has no name, or one with commas, quotes, spaces or control characters";
        if (metric.Signature is { } signature && (signature.Length is 0 or > MaxLetters || signature.Any(char.IsControl)))
            return $"the signature of {metric.Name} is empty, too long or has control characters";
        if (!Enum.IsDefined(metric.Better) || !Enum.IsDefined(metric.Unit))
            return $"the direction or the unit of {metric.Name} is not one of their words";
        if (metric.Min is { } min && !double.IsFinite(min) || metric.Max is { } max && !double.IsFinite(max) || metric.Min >= metric.Max)
            return $"the bounds of {metric.Name} are no two rising numbers";
        return metric.Chance is { } chance && !metric.Holds(chance)
            ? string.Create(CultureInfo.InvariantCulture, $"chance of {metric.Name} is {chance}; allowed: {Allowed(metric)}")
            : null;
    }

    private static bool IsNoLetterOfAName(char letter) => char.IsControl(letter) || char.IsWhiteSpace(letter) || letter is ',' or '"';

    /// <summary>The values that the metric can have, in words.</summary>
    public static string Allowed(Metric metric) =>
        (metric.Min, metric.Max) switch
        {
            ({ } min, { } max) => string.Create(CultureInfo.InvariantCulture, $"a number from {min} to {max}"),
            ({ } min, null) => string.Create(CultureInfo.InvariantCulture, $"a number of at least {min}"),
            (null, { } max) => string.Create(CultureInfo.InvariantCulture, $"a number of at most {max}"),
            _ => "a finite number",
        };
}
