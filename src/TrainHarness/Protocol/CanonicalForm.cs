using System.Collections;
using System.Globalization;
using System.Text;

namespace TrainHarness.Protocol;

/// <summary>
/// One text for all ways to write the same settings: JSON without spaces, keys in the order of their code units, and every value a text, a
/// number in its shortest form that reads back. So <c>1e-4</c>, <c>0.0001</c> and <c>1.0E-4</c> are one, whoever read them.
/// </summary>
internal static class CanonicalForm
{
    /// <param name="value">A text, number, flag, or a list or mapping of them.</param>
    /// <exception cref="ArgumentException">It is something else.</exception>
    public static string Of(object? value)
    {
        var text = new StringBuilder();
        Write(value, text);
        return text.ToString();
    }

    private static void Write(object? value, StringBuilder text)
    {
        switch (value)
        {
            case IDictionary mapping:
                var pairs = mapping.Keys.Cast<string>().Order(StringComparer.Ordinal).Select(key => (Key: key, Value: mapping[key]));
                Join('{', pairs, '}', text, pair =>
                {
                    Quote(pair.Key, text);
                    text.Append(':');
                    Write(pair.Value, text);
                });
                break;
            case IList list:
                Join('[', list.Cast<object?>(), ']', text, item => Write(item, text));
                break;
            default:
                Quote(Scalar(value), text);
                break;
        }
    }

    private static string Scalar(object? value) =>
        value switch
        {
            null => "",
            true => "true",
            false => "false",
            // A workload that is not at hand leaves its numbers as the texts they are written as.
            string text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => Scalar(
                whole
            ),
            string text
                when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) =>
                Scalar(number),
            string text => text,
            double number => number.ToString("R", CultureInfo.InvariantCulture),
            int or long => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
            _ => throw new ArgumentException($"A setting is a {value.GetType().Name}, which has no canonical form.", nameof(value)),
        };

    private static void Join<T>(char open, IEnumerable<T> items, char close, StringBuilder text, Action<T> write)
    {
        text.Append(open);
        foreach (var (index, item) in items.Index())
        {
            if (index > 0)
                text.Append(',');
            write(item);
        }

        text.Append(close);
    }

    private static void Quote(string value, StringBuilder text) =>
        text.Append('"')
            .Append(value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal))
            .Append('"');
}
