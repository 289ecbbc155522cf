using System.Buffers.Binary;
using System.Text;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Data;

/// <summary>One row of a shard. What is null is a null in the column.</summary>
internal sealed record ShardRow(byte[]? Image, string? Path, Int128? Label);

/// <summary>
/// Parquet written byte for byte, uncompressed and plain, so that a test decides what a library would decide: widths of integers, names,
/// statistics.
/// </summary>
internal sealed record HandmadeParquet
{
    // Of apache/parquet-format: physical types, converted types, and the types of Thrift's compact protocol.
    private const int Int32Column = 1,
        Int64Column = 2,
        DoubleColumn = 5,
        BytesColumn = 6;
    private const int I32 = 5,
        I64 = 6,
        Binary = 8,
        List = 9,
        Struct = 12;

    private static readonly Dictionary<string, (int Type, int? Converted)> Kinds = new()
    {
        ["uint8"] = (Int32Column, 11),
        ["uint16"] = (Int32Column, 12),
        ["uint32"] = (Int32Column, 13),
        ["uint64"] = (Int64Column, 14),
        ["int8"] = (Int32Column, 15),
        ["int16"] = (Int32Column, 16),
        ["int32"] = (Int32Column, null),
        ["int64"] = (Int64Column, null),
        ["date"] = (Int32Column, 6),
        ["double"] = (DoubleColumn, null),
        ["text"] = (BytesColumn, 0),
    };

    /// <summary>Of the column of images: a structure of bytes and path.</summary>
    public string Image { get; init; } = "image";

    /// <summary>The image column is nothing but bytes.</summary>
    public bool PlainImage { get; init; }

    /// <summary>Columns of labels: their names and kinds.</summary>
    public (string Name, string Kind)[] Labels { get; init; } = [("label", "int64")];

    public bool Statistics { get; init; } = true;

    public int RowsPerGroup { get; init; } = 1_000;

    /// <summary>Of each column, so many bytes at the end of a group are not written, as if they had never been there.</summary>
    public int BytesLeftOut { get; init; }

    public void Write(string path, params ShardRow[] rows)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        List<byte> file = [.. "PAR1"u8];
        List<byte[]> groups = [];
        foreach (var group in rows.Chunk(RowsPerGroup))
        {
            List<byte[]> chunks = [];
            var before = file.Count;
            foreach (var column in Columns(group))
                chunks.Add(Chunk(file, column, group.Length));
            groups.Add(new Thrift().List(1, Struct, chunks).Number(2, I64, file.Count - before).Number(3, I64, group.Length).End());
        }

        var footer = new Thrift().Number(1, I32, 1).List(2, Struct, Schema()).Number(3, I64, rows.Length).List(4, Struct, groups).End();
        file.AddRange(footer);
        file.AddRange(BitConverter.GetBytes(footer.Length));
        file.AddRange("PAR1"u8);
        File.WriteAllBytes(path, [.. file]);
    }

    private IEnumerable<Column> Columns(ShardRow[] rows)
    {
        byte[]?[] images = [.. rows.Select(row => row.Image is { } image ? Lengthy(image) : null)];
        if (PlainImage)
        {
            yield return new Column([Image], BytesColumn, 1, images);
        }
        else
        {
            yield return new Column([Image, "bytes"], BytesColumn, 2, images);
            yield return new Column(
                [Image, "path"],
                BytesColumn,
                2,
                [.. rows.Select(row => row.Path is { } text ? Lengthy(Encoding.UTF8.GetBytes(text)) : null)]
            );
        }

        foreach (var (name, kind) in Labels)
            yield return new Column(
                [name],
                Kinds[kind].Type,
                1,
                [.. rows.Select(row => row.Label is { } label ? Plain(kind, label) : null)]
            );
    }

    private static byte[] Plain(string kind, Int128 label) =>
        Kinds[kind].Type switch
        {
            Int32Column => BitConverter.GetBytes(unchecked((int)label)),
            Int64Column => BitConverter.GetBytes(unchecked((long)label)),
            DoubleColumn => BitConverter.GetBytes((double)label),
            _ => Lengthy(Encoding.UTF8.GetBytes($"{label}")),
        };

    private byte[] Chunk(List<byte> file, Column column, int rows)
    {
        // Runs of one level each, of one byte, and how many bytes they take together.
        byte[] levels = [.. column.Cells.SelectMany(cell => (byte[])[1 << 1, (byte)(cell is null ? column.Depth - 1 : column.Depth)])];
        byte[] cells = [.. column.Cells.SelectMany(cell => cell ?? [])];
        byte[] page = [.. BitConverter.GetBytes(levels.Length), .. levels, .. cells.SkipLast(BytesLeftOut)];
        var counts = new Thrift().Number(1, I32, rows).Number(2, I32, 0).Number(3, I32, 3).Number(4, I32, 3).End();
        var head = new Thrift().Number(1, I32, 0).Number(2, I32, page.Length).Number(3, I32, page.Length).Structure(5, counts).End();
        var offset = file.Count;
        file.AddRange(head);
        file.AddRange(page);
        var meta = new Thrift()
            .Number(1, I32, column.Type)
            .List(2, I32, [Thrift.ZigZag(0), Thrift.ZigZag(3)])
            .List(3, Binary, [.. column.Path.Select(part => Thrift.Text(part))])
            .Number(4, I32, 0)
            .Number(5, I64, rows)
            .Number(6, I64, head.Length + page.Length)
            .Number(7, I64, head.Length + page.Length)
            .Number(9, I64, offset);
        if (Statistics)
            meta.Structure(12, new Thrift().Number(3, I64, column.Cells.Count(cell => cell is null)).End());
        return new Thrift().Number(2, I64, offset).Structure(3, meta.End()).End();
    }

    private List<byte[]> Schema()
    {
        List<byte[]> elements = [Element("schema", null, null, 1 + Labels.Length, root: true)];
        if (PlainImage)
            elements.Add(Element(Image, BytesColumn, null, null));
        else
            elements.AddRange(
                Element(Image, null, null, 2),
                Element("bytes", BytesColumn, null, null),
                Element("path", BytesColumn, 0, null)
            );
        elements.AddRange(Labels.Select(label => Element(label.Name, Kinds[label.Kind].Type, Kinds[label.Kind].Converted, null)));
        return elements;
    }

    private static byte[] Element(string name, int? type, int? converted, int? children, bool root = false)
    {
        var element = new Thrift();
        if (type is { } physical)
            element.Number(1, I32, physical);
        if (!root)
            element.Number(3, I32, 1);
        element.Field(4, Binary, Thrift.Text(name));
        if (children is { } count)
            element.Number(5, I32, count);
        if (converted is { } meaning)
            element.Number(6, I32, meaning);
        return element.End();
    }

    private static byte[] Lengthy(byte[] bytes)
    {
        var whole = new byte[sizeof(int) + bytes.Length];
        BinaryPrimitives.WriteInt32LittleEndian(whole, bytes.Length);
        bytes.CopyTo(whole, sizeof(int));
        return whole;
    }

    /// <param name="Depth">The level of a cell that is there.</param>
    private sealed record Column(string[] Path, int Type, int Depth, byte[]?[] Cells);

    /// <summary>A structure in Thrift's compact protocol.</summary>
    private sealed class Thrift
    {
        private readonly List<byte> bytes = [];
        private int last;

        public static byte[] ZigZag(long value) => Varint((ulong)((value << 1) ^ (value >> 63)));

        public static byte[] Text(string text) => [.. Varint((ulong)Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

        public Thrift Number(int field, int type, long value) => Field(field, type, ZigZag(value));

        public Thrift Structure(int field, byte[] value) => Field(field, Struct, value);

        public Thrift List(int field, int type, List<byte[]> items) =>
            Field(
                field,
                HandmadeParquet.List,
                [
                    .. items.Count < 15
                        ? [(byte)((items.Count << 4) | type)]
                        : (byte[])[(byte)(0xF0 | type), .. Varint((ulong)items.Count)],
                    .. items.SelectMany(item => item),
                ]
            );

        public Thrift Field(int field, int type, byte[] value)
        {
            bytes.Add((byte)(((field - last) << 4) | type));
            bytes.AddRange(value);
            last = field;
            return this;
        }

        public byte[] End() => [.. bytes, 0];

        private static byte[] Varint(ulong value)
        {
            List<byte> digits = [];
            for (; value > 0x7F; value >>= 7)
                digits.Add((byte)(value | 0x80));
            return [.. digits, (byte)value];
        }
    }
}
