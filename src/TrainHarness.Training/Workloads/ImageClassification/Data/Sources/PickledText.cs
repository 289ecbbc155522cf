using System.Globalization;
using System.Text;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Sources;

/// <summary>Text and bytes in a pickle. A string of Python 2 is bytes.</summary>
internal static class PickledText
{
    /// <summary>Text, or bytes that are text; null for everything else.</summary>
    public static string? Of(object? value) =>
        value switch
        {
            string text => text,
            ReadOnlyMemory<byte> bytes => Encoding.UTF8.GetString(bytes.Span),
            _ => null,
        };

    /// <summary>Bytes, or text whose letters are bytes, as Python 3 writes them for Python 2; null for everything else.</summary>
    /// <exception cref="InvalidDataException">A letter is no byte.</exception>
    public static ReadOnlyMemory<byte>? Bytes(object? value) =>
        value switch
        {
            ReadOnlyMemory<byte> bytes => bytes,
            string text when text.All(letter => letter <= byte.MaxValue) => Encoding.Latin1.GetBytes(text),
            string => throw new InvalidDataException("it has letters where bytes must be."),
            _ => null,
        };

    /// <summary>A string in quotation marks, as Python 2 prints it.</summary>
    public static ReadOnlyMemory<byte> Quoted(ReadOnlySpan<byte> line)
    {
        if (line.Length < 2 || line[0] is not ((byte)'\'' or (byte)'"') || line[^1] != line[0])
            throw new InvalidDataException("it has a string without quotation marks.");
        var inner = line[1..^1];
        var bytes = new byte[inner.Length];
        var count = 0;
        for (var i = 0; i < inner.Length; i++)
            bytes[count++] = inner[i] == '\\' ? Unescaped(inner, ref i) : inner[i];
        return bytes.AsMemory(0, count);
    }

    /// <summary>Text in Latin-1 in which every other letter is written by its number.</summary>
    public static string Escaped(ReadOnlySpan<byte> line)
    {
        var text = new StringBuilder(line.Length);
        for (var i = 0; i < line.Length; i++)
        {
            var digits =
                line[i] == '\\' && i + 1 < line.Length
                    ? line[i + 1] switch
                    {
                        (byte)'u' => 4,
                        (byte)'U' => 8,
                        _ => 0,
                    }
                    : 0;
            if (digits == 0)
            {
                text.Append((char)line[i]);
                continue;
            }

            var letter = Hex(line, i + 2, digits);
            if (!Rune.IsValid(letter) && letter > char.MaxValue)
                throw new InvalidDataException("it has a letter that there is not.");
            text.Append(letter > char.MaxValue ? char.ConvertFromUtf32(letter) : ((char)letter).ToString());
            i += 1 + digits;
        }

        return text.ToString();
    }

    private static byte Unescaped(ReadOnlySpan<byte> text, ref int position)
    {
        position++;
        if (position == text.Length)
            throw new InvalidDataException("it has a string that ends in the middle of a letter.");
        switch ((char)text[position])
        {
            case 'n':
                return (byte)'\n';
            case 'r':
                return (byte)'\r';
            case 't':
                return (byte)'\t';
            case '\\' or '\'' or '"':
                return text[position];
            case 'x':
                position += 2;
                return (byte)Hex(text, position - 1, 2);
            default:
                throw new InvalidDataException("it has a string with an escape that there is not.");
        }
    }

    private static int Hex(ReadOnlySpan<byte> text, int start, int digits) =>
        start + digits <= text.Length
        && int.TryParse(text.Slice(start, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
        && number >= 0
            ? number
            : throw new InvalidDataException("it has a letter whose number is not one.");
}
