using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using TrainHarness.Files;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Layouts;

/// <summary>
/// The classes of the ImageNet devkit's meta.mat: a MATLAB 5 file with a structure array <c>synsets</c> whose fields ILSVRC2012_ID and WNID
/// are read, and nothing else. Format: MathWorks, "MAT-File Format".
/// </summary>
internal static class SynsetTable
{
    private const int HeaderBytes = 128;
    private const int LargestBytes = 64 << 20;
    private const int Compressed = 15;
    private const int Matrix = 14;
    private const int StructureClass = 2;

    /// <returns>The WordNet id of each ILSVRC2012_ID.</returns>
    /// <exception cref="ConfigurationException">The file is no such table.</exception>
    public static IReadOnlyDictionary<int, string> Read(string where, byte[] file)
    {
        try
        {
            Require(
                file.Length > HeaderBytes && file[126] == 'I' && file[127] == 'M' && file[125] == 1,
                "it is no little-endian MATLAB 5 file"
            );
            for (var rest = new Elements(file.AsMemory(HeaderBytes)); rest.Next() is { } element; )
            {
                var variable = element.Kind == Compressed ? new Elements(Inflated(element.Data)).Next() ?? element : element;
                if (variable.Kind == Matrix && Synsets(new Elements(variable.Data)) is { Count: > 0 } synsets)
                    return synsets;
            }

            throw new InvalidDataException("it has no 'synsets' with ILSVRC2012_ID and WNID");
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException or ArithmeticException)
        {
            throw new ConfigurationException(
                $"{where}: cannot be read: {e.Message.ReplaceLineEndings(" ")}; allowed: meta.mat of the ILSVRC2012 devkit",
                e
            );
        }
    }

    private static Dictionary<int, string>? Synsets(Elements parts)
    {
        if ((Flags(parts) & 0xFF) != StructureClass)
            return null;
        parts.Required();
        var name = Letters(parts.Required());
        var width = BinaryPrimitives.ReadInt32LittleEndian(parts.Required().Data.Span);
        var fields = parts.Required().Data;
        Require(width > 0 && fields.Length % width == 0, "the names of its fields cannot be read");
        string[] names =
        [
            .. Enumerable
                .Range(0, fields.Length / width)
                .Select(field => Encoding.ASCII.GetString(fields.Span.Slice(field * width, width)).TrimEnd('\0')),
        ];
        if (name != "synsets" || !names.Contains("ILSVRC2012_ID") || !names.Contains("WNID"))
            return null;
        var synsets = new Dictionary<int, string>();
        while (parts.Next() is { } cell)
        {
            var values = new Dictionary<string, Element>();
            for (var field = 0; field < names.Length; field++)
                values[names[field]] = field == 0 ? cell : parts.Required();
            var id = Number(new Elements(values["ILSVRC2012_ID"].Data));
            Require(synsets.TryAdd(id, Text(new Elements(values["WNID"].Data))), $"it has ILSVRC2012_ID {id} twice");
        }

        return synsets;
    }

    private static int Number(Elements matrix)
    {
        Flags(matrix);
        matrix.Required();
        matrix.Required();
        var value = matrix.Required();
        var number = value.Kind switch
        {
            1 => (sbyte)value.Data.Span[0],
            2 => value.Data.Span[0],
            3 => BinaryPrimitives.ReadInt16LittleEndian(value.Data.Span),
            4 => BinaryPrimitives.ReadUInt16LittleEndian(value.Data.Span),
            5 => BinaryPrimitives.ReadInt32LittleEndian(value.Data.Span),
            6 => BinaryPrimitives.ReadUInt32LittleEndian(value.Data.Span),
            9 => BinaryPrimitives.ReadDoubleLittleEndian(value.Data.Span),
            _ => throw new InvalidDataException("an ILSVRC2012_ID in it is no number"),
        };
        Require(number is >= 1 and <= 100_000 && number == Math.Floor(number), "an ILSVRC2012_ID in it is no whole number");
        return (int)number;
    }

    private static string Text(Elements matrix)
    {
        Flags(matrix);
        matrix.Required();
        matrix.Required();
        var letters = Letters(matrix.Required());
        Require(letters.Length is > 0 and <= 64 && letters.All(char.IsAsciiLetterOrDigit), "a WNID in it is no name of a class");
        return letters;
    }

    private static uint Flags(Elements matrix) => BinaryPrimitives.ReadUInt32LittleEndian(matrix.Required().Data.Span);

    private static string Letters(Element element) =>
        element.Kind switch
        {
            1 or 2 or 16 => Encoding.UTF8.GetString(element.Data.Span),
            3 or 4 or 17 => Encoding.Unicode.GetString(element.Data.Span),
            _ => throw new InvalidDataException("a text in it cannot be read"),
        };

    private static byte[] Inflated(ReadOnlyMemory<byte> data)
    {
        using var inflating = new ZLibStream(new MemoryStream(data.ToArray()), CompressionMode.Decompress);
        using var whole = new MemoryStream();
        var chunk = new byte[1 << 16];
        for (int read; (read = inflating.Read(chunk)) > 0; )
        {
            Require(whole.Length + read <= LargestBytes, "it is too large");
            whole.Write(chunk, 0, read);
        }

        return whole.ToArray();
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvalidDataException(otherwise);
    }

    private readonly record struct Element(int Kind, ReadOnlyMemory<byte> Data);

    /// <summary>
    /// Elements one after another: kind and length of four bytes each, or of two where four bytes of data follow, in multiples of eight
    /// bytes.
    /// </summary>
    private sealed class Elements(ReadOnlyMemory<byte> bytes)
    {
        private ReadOnlyMemory<byte> rest = bytes;

        public Element Required() => Next() ?? throw new InvalidDataException("it is cut off");

        public Element? Next()
        {
            if (rest.Length == 0)
                return null;
            Require(rest.Length >= 8, "it is cut off");
            var kind = BinaryPrimitives.ReadInt32LittleEndian(rest.Span);
            if (kind >>> 16 is var small and > 0)
            {
                Require(small <= 4, "it has an impossible length");
                var data = rest.Slice(4, small);
                rest = rest[8..];
                return new Element(kind & 0xFFFF, data);
            }

            var length = BinaryPrimitives.ReadInt32LittleEndian(rest.Span[4..]);
            Require(length >= 0 && length <= rest.Length - 8, "it is cut off");
            var found = new Element(kind, rest.Slice(8, length));
            // Compressed elements alone are not filled up.
            var padded = kind == Compressed ? length : (length + 7) / 8 * 8;
            rest = rest[Math.Min(rest.Length, 8 + padded)..];
            return found;
        }
    }
}
