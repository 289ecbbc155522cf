using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Data;

/// <summary>
/// A MATLAB 5 file as the ImageNet devkit has it: a structure array of ILSVRC2012_ID, WNID and a text, written by hand from the format's
/// description.
/// </summary>
internal static class HandmadeMatlab
{
    private const int Int8 = 1,
        UInt16 = 4,
        Int32 = 5,
        UInt32 = 6,
        Double = 9,
        Matrix = 14,
        Compressed = 15;
    private const int StructureClass = 2,
        CharClass = 4,
        DoubleClass = 6;

    /// <summary>The first class has ILSVRC2012_ID 1.</summary>
    public static byte[] Synsets(bool isCompressed, params string[] classes)
    {
        const int width = 32;
        string[] fields = ["ILSVRC2012_ID", "WNID", "words"];
        byte[] names = [.. fields.SelectMany(field => Encoding.ASCII.GetBytes(field.PadRight(width, '\0')))];
        byte[] content =
        [
            .. Element(UInt32, [StructureClass, 0, 0, 0, 0, 0, 0, 0]),
            .. Element(Int32, [.. Number(classes.Length), .. Number(1)]),
            .. Element(Int8, "synsets"u8.ToArray()),
            // Four bytes of data stand beside their kind and length.
            .. Number(Int32 | (4 << 16)),
            .. Number(width),
            .. Element(Int8, names),
            .. classes.SelectMany((name, index) => (byte[])[.. Value(index + 1), .. Text(name), .. Text("an animal")]),
        ];
        var matrix = Element(Matrix, content);
        var header = new byte[128];
        "MATLAB 5.0 MAT-file"u8.CopyTo(header);
        (header[124], header[125], header[126], header[127]) = (0, 1, (byte)'I', (byte)'M');
        return [.. header, .. isCompressed ? Packed(matrix) : matrix];
    }

    private static byte[] Value(double value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        return Element(
            Matrix,
            [
                .. Element(UInt32, [DoubleClass, 0, 0, 0, 0, 0, 0, 0]),
                .. Element(Int32, [.. Number(1), .. Number(1)]),
                .. Element(Int8, []),
                .. Element(Double, bytes),
            ]
        );
    }

    private static byte[] Text(string text) =>
        Element(
            Matrix,
            [
                .. Element(UInt32, [CharClass, 0, 0, 0, 0, 0, 0, 0]),
                .. Element(Int32, [.. Number(1), .. Number(text.Length)]),
                .. Element(Int8, []),
                .. Element(UInt16, Encoding.Unicode.GetBytes(text)),
            ]
        );

    private static byte[] Packed(byte[] matrix)
    {
        using var packed = new MemoryStream();
        using (var stream = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            stream.Write(matrix);
        return [.. Number(Compressed), .. Number((int)packed.Length), .. packed.ToArray()];
    }

    private static byte[] Element(int kind, byte[] data) =>
        [.. Number(kind), .. Number(data.Length), .. data, .. new byte[(8 - (data.Length % 8)) % 8]];

    private static byte[] Number(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }
}
