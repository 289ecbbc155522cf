using System.Globalization;

namespace TrainHarness.Compute;

/// <summary>Numbers rounded for people, in every culture the same. Zeros at the end are written: they were measured too.</summary>
public static class SignificantDigits
{
    /// <summary>Three digits: 1.7 → <c>1.70</c>, 321045 → <c>321000</c>; with a power of ten below 0.0001 and from a million.</summary>
    public static string Of(double value, int digits = 3)
    {
        if (value == 0 || !double.IsFinite(value))
            return value.ToString(CultureInfo.InvariantCulture);
        // Rounded first: 9.996 has one digit more before the point than it seems.
        var rounded = value.ToString($"E{digits - 1}", CultureInfo.InvariantCulture);
        var end = rounded.IndexOf('E', StringComparison.Ordinal);
        var exponent = int.Parse(rounded[(end + 1)..], CultureInfo.InvariantCulture);
        return exponent is >= -4 and < 6
            ? double.Parse(rounded, CultureInfo.InvariantCulture)
                .ToString($"F{Math.Max(0, digits - 1 - exponent)}", CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{rounded[..end]}E{exponent:+00;-00}");
    }
}
