using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TrainHarness.Compute;

/// <summary>
/// An exact number of multiply-adds. A multiply-add is neither one nor two FLOPs until a <see cref="Convention"/> says so.
/// </summary>
[JsonConverter(typeof(MacsConverter))]
public readonly record struct Macs(UInt128 Count) : IComparable<Macs>
{
    public static Macs Zero => default;

    public static Macs operator +(Macs left, Macs right) => new(checked(left.Count + right.Count));

    /// <exception cref="OverflowException">The right side is larger.</exception>
    public static Macs operator -(Macs left, Macs right) => new(checked(left.Count - right.Count));

    public static Macs operator *(Macs macs, long times) => new(checked(macs.Count * (UInt128)times));

    public static bool operator <(Macs left, Macs right) => left.Count < right.Count;

    public static bool operator >(Macs left, Macs right) => left.Count > right.Count;

    public static bool operator <=(Macs left, Macs right) => left.Count <= right.Count;

    public static bool operator >=(Macs left, Macs right) => left.Count >= right.Count;

    public static Macs Add(Macs left, Macs right) => left + right;

    public static Macs Subtract(Macs left, Macs right) => left - right;

    public static Macs Multiply(Macs macs, long times) => macs * times;

    /// <summary>The product of sizes, each at least zero, as multiply-adds.</summary>
    public static Macs Product(params ReadOnlySpan<long> sizes)
    {
        UInt128 product = 1;
        foreach (var size in sizes)
            product = checked(product * (UInt128)size);
        return new Macs(product);
    }

    public static Macs Sum(IEnumerable<Macs> all) => all.Aggregate(Zero, static (sum, next) => sum + next);

    public double ToDouble() => (double)Count;

    public int CompareTo(Macs other) => Count.CompareTo(other.Count);

    /// <summary>All digits.</summary>
    public override string ToString() => Count.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Writes all digits as a JSON number; reads whole numbers only.</summary>
internal sealed class MacsConverter : JsonConverter<Macs>
{
    public override Macs Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var text = document.RootElement.GetRawText();
        return UInt128.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? new Macs(count)
            : throw new JsonException($"'{text}' is not a whole number of multiply-adds.");
    }

    public override void Write(Utf8JsonWriter writer, Macs value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.ToString(), skipInputValidation: true);
}
