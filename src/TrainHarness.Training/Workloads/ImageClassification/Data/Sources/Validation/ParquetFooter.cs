using System.Buffers.Binary;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Sources.Validation;

/// <summary>
/// Looks at what a Parquet file says of itself before Parquet.Net believes it. Version 6.1 of that reads past the end of a damaged footer
/// for ever, and makes room for lists of any length that it claims. This walks through the footer (Thrift's compact protocol) exactly as
/// that library does: by the numbers of the fields, whatever type they declare.
/// </summary>
internal ref struct ParquetFooter
{
    private const int LargestBytes = 64 << 20;
    private const int MaxElements = 1_000_000;
    private const int MaxColumns = 1_000;
    private const int DeepestList = 8;

    // What 32 and 64 bits take, seven in each byte.
    private const int ShortBytes = 5;
    private const int LongBytes = 10;

    // The structures of apache/parquet-format's parquet.thrift: the fields that the library knows, each with what it reads for it. 'flag'
    // takes no bytes, a name is another structure, '*' marks a list. Of a structure that is not here it skips all fields.
    private static readonly Dictionary<string, Dictionary<short, string>> Structures = new()
    {
        ["FileMetaData"] = Fields(
            "1 integer, 2 SchemaElement*, 3 integer, 4 RowGroup*, 5 KeyValue*, 6 binary, 7 ColumnOrder*, 8 EncryptionAlgorithm, 9 binary"
        ),
        ["SchemaElement"] = Fields(
            "1 integer, 2 integer, 3 integer, 4 binary, 5 integer, 6 integer, 7 integer, 8 integer, 9 integer, 10 LogicalType"
        ),
        ["LogicalType"] = Fields(
            "1 Empty, 2 Empty, 3 Empty, 4 Empty, 5 DecimalType, 6 Empty, 7 TimeType, 8 TimeType, 10 IntType, 11 Empty, 12 Empty, 13 "
                + "Empty, 14 Empty, 15 Empty, 16 VariantType, 17 GeometryType, 18 GeographyType"
        ),
        ["DecimalType"] = Fields("1 integer, 2 integer"),
        ["TimeType"] = Fields("1 flag, 2 TimeUnit"),
        ["TimeUnit"] = Fields("1 Empty, 2 Empty, 3 Empty"),
        ["IntType"] = Fields("1 byte, 2 flag"),
        ["VariantType"] = Fields("1 byte"),
        ["GeometryType"] = Fields("1 binary"),
        ["GeographyType"] = Fields("1 binary, 2 integer"),
        ["RowGroup"] = Fields("1 ColumnChunk*, 2 integer, 3 integer, 4 SortingColumn*, 5 integer, 6 integer, 7 integer"),
        ["SortingColumn"] = Fields("1 integer, 2 flag, 3 flag"),
        ["ColumnChunk"] = Fields(
            "1 binary, 2 integer, 3 ColumnMetaData, 4 integer, 5 integer, 6 integer, 7 integer, 8 ColumnCryptoMetaData, 9 binary"
        ),
        ["ColumnMetaData"] = Fields(
            "1 integer, 2 integer*, 3 binary*, 4 integer, 5 integer, 6 integer, 7 integer, 8 KeyValue*, 9 integer, 10 integer, 11 "
                + "integer, 12 Statistics, 13 PageEncodingStats*, 14 integer, 15 integer, 16 SizeStatistics, 17 GeospatialStatistics"
        ),
        ["Statistics"] = Fields("1 binary, 2 binary, 3 integer, 4 integer, 5 binary, 6 binary, 7 flag, 8 flag"),
        ["PageEncodingStats"] = Fields("1 integer, 2 integer, 3 integer"),
        ["SizeStatistics"] = Fields("1 integer, 2 integer*, 3 integer*"),
        ["GeospatialStatistics"] = Fields("1 BoundingBox, 2 integer*"),
        ["BoundingBox"] = Fields("1 double, 2 double, 3 double, 4 double, 5 double, 6 double, 7 double, 8 double"),
        ["ColumnCryptoMetaData"] = Fields("1 Empty, 2 EncryptionWithColumnKey"),
        ["EncryptionWithColumnKey"] = Fields("1 binary*, 2 binary"),
        ["EncryptionAlgorithm"] = Fields("1 AesGcm, 2 AesGcm"),
        ["AesGcm"] = Fields("1 binary, 2 binary, 3 flag"),
        ["KeyValue"] = Fields("1 binary, 2 binary"),
        ["ColumnOrder"] = Fields("1 Empty"),
        ["Empty"] = [],
    };

    private readonly ReadOnlySpan<byte> footer;
    private int position;
    private int elements;

    private ParquetFooter(ReadOnlySpan<byte> footer) => this.footer = footer;

    /// <param name="file">Its position afterwards is anywhere.</param>
    /// <exception cref="InvalidDataException">The footer cannot be read to its end.</exception>
    public static void Check(Stream file)
    {
        const int markBytes = 4;
        Span<byte> end = stackalloc byte[2 * markBytes];
        Require(file.Length >= markBytes + end.Length, "it is cut off.");
        file.Seek(-end.Length, SeekOrigin.End);
        file.ReadExactly(end);
        var length = BinaryPrimitives.ReadInt32LittleEndian(end);
        Require(
            length > 0 && length <= Math.Min(LargestBytes, file.Length - markBytes - end.Length),
            "its footer has an impossible length."
        );
        var bytes = new byte[length];
        file.Seek(-end.Length - length, SeekOrigin.End);
        file.ReadExactly(bytes);
        new ParquetFooter(bytes).Structure("FileMetaData");
    }

    private static Dictionary<short, string> Fields(string text) =>
        text.Split(", ")
            .Select(field => field.Split(' '))
            .ToDictionary(field => short.Parse(field[0], System.Globalization.CultureInfo.InvariantCulture), field => field[1]);

    private void Structure(string name)
    {
        var fields = Structures[name];
        short last = 0;
        while (Byte() is not 0 and var header)
        {
            last = header >> 4 == 0 ? (short)ZigZag() : (short)(last + (header >> 4));
            if (fields.TryGetValue(last, out var known))
                Known(known);
            else
                Skip(header & 0xF, depth: 0);
        }
    }

    private void Known(string kind)
    {
        if (!kind.EndsWith('*'))
        {
            Value(kind);
            return;
        }

        long left = ListLength(out _);
        Require(kind != "SchemaElement*" || left <= MaxColumns, "its footer claims too many columns.");
        for (; left > 0; left--)
            Value(kind[..^1]);
    }

    private void Value(string kind)
    {
        switch (kind)
        {
            case "flag":
                break;
            case "byte":
                Advance(1);
                break;
            case "integer":
                VariableInteger(LongBytes);
                break;
            case "double":
                Advance(sizeof(double));
                break;
            case "binary":
                Advance(Length());
                break;
            default:
                Structure(kind);
                break;
        }
    }

    // As the library skips a field that it does not know, by the type that the file declares.
    private void Skip(int type, int depth)
    {
        switch (type)
        {
            case 1 or 2:
                break;
            case 3:
                Advance(1);
                break;
            case 4 or 5 or 6:
                VariableInteger(LongBytes);
                break;
            case 7:
                Advance(sizeof(double));
                break;
            case 8:
                Advance(Length());
                break;
            case 9 when depth < DeepestList:
                for (long left = ListLength(out var element); left > 0; left--)
                    Skip(element, depth + 1);
                break;
            case 12:
                // It would take the values of the structure's fields for fields.
                Require(Byte() == 0, "its footer has a field of an unknown structure.");
                break;
            default:
                throw new InvalidDataException($"its footer has a field of unknown type {type}.");
        }
    }

    private uint ListLength(out int elementType)
    {
        var header = Byte();
        elementType = header & 0xF;
        var length = header >> 4 == 0xF ? Length() : (uint)header >> 4;
        Require(length <= MaxElements - elements && length <= footer.Length - position, $"its footer claims a list of {length} elements.");
        elements += (int)length;
        return length;
    }

    private int ZigZag()
    {
        var value = (uint)VariableInteger(ShortBytes);
        return (int)(value >> 1) ^ -(int)(value & 1);
    }

    private uint Length()
    {
        var length = (uint)VariableInteger(ShortBytes);
        Require(length <= int.MaxValue, "its footer claims an impossible length.");
        return length;
    }

    private ulong VariableInteger(int mostBytes)
    {
        ulong value = 0;
        for (var index = 0; index < mostBytes; index++)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << (7 * index);
            if ((next & 0x80) == 0)
                return value;
        }

        throw new InvalidDataException("its footer holds a number that does not end.");
    }

    private byte Byte()
    {
        Require(position < footer.Length, "its footer ends too early.");
        return footer[position++];
    }

    private void Advance(uint bytes)
    {
        Require(bytes <= footer.Length - position, "its footer ends too early.");
        position += (int)bytes;
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvalidDataException(otherwise);
    }
}
