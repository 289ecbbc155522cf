using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TrainHarness.Compute;

/// <summary>What was spent: a count, of which every digit is known, or a measurement.</summary>
/// <param name="Value">The number, to about 16 digits.</param>
/// <param name="Count">All digits of a count; null for a measurement.</param>
[JsonConverter(typeof(AmountConverter))]
public readonly record struct Amount(double Value, UInt128? Count = null)
{
    public static Amount Of(UInt128 count) => new((double)count, count);

    public static implicit operator double(Amount amount) => amount.ToDouble();

    public double ToDouble() => Value;
}

/// <summary>Writes all digits of a count, as a JSON number.</summary>
internal sealed class AmountConverter : JsonConverter<Amount>
{
    public override Amount Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return UInt128.TryParse(document.RootElement.GetRawText(), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? Amount.Of(count)
            : new Amount(document.RootElement.GetDouble());
    }

    public override void Write(Utf8JsonWriter writer, Amount value, JsonSerializerOptions options)
    {
        if (value.Count is { } count)
            writer.WriteRawValue(count.ToString(CultureInfo.InvariantCulture), skipInputValidation: true);
        else
            writer.WriteNumberValue(value.Value);
    }
}
