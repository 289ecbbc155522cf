using System.Text;

namespace TrainHarness.Training.Native.Bindings;

/// <summary>
/// A shared library for Linux on x86-64 that holds nothing but names: each function jumps to where a table says, and the table is filled
/// after it was loaded. So native names can lead to managed code.
/// </summary>
/// <remarks>
/// Layout: System V ABI, chapters 4 and 5 ("Symbol Table", "Dynamic Section", "Hash Table"). No relocations, no sections.
/// </remarks>
internal static class StubLibrary
{
    /// <summary>The exported table of addresses, in the order of the names.</summary>
    public const string Table = "trainharness_functions";

    private const int Page = 0x1000;
    private const int HeaderSize = 64;
    private const int SegmentSize = 56;
    private const int Segments = 4;
    private const int SymbolSize = 24;
    private const int StubSize = 8;
    private const int DynamicEntries = 7;
    private const uint Buckets = 64;

    /// <param name="names">Of the functions; the first is the table's first entry.</param>
    /// <returns>The library's bytes.</returns>
    public static byte[] Image(IReadOnlyList<string> names)
    {
        string[] symbols = ["", .. names, Table];
        var (strings, offsets) = Strings(symbols);
        var symbolsAt = HeaderSize + (Segments * SegmentSize);
        var hashAt = symbolsAt + (symbols.Length * SymbolSize);
        var stringsAt = hashAt + ((2 + (int)Buckets + symbols.Length) * sizeof(uint));
        var stubsAt = Aligned(stringsAt + strings.Length, StubSize);
        var dynamicAt = Aligned(stubsAt + (names.Count * StubSize), Page);
        var tableAt = dynamicAt + (DynamicEntries * 16);
        var end = tableAt + (names.Count * sizeof(ulong));

        using var image = new MemoryStream(new byte[end]);
        using var writer = new BinaryWriter(image);
        WriteHeader(writer);
        WriteSegment(writer, type: 1, flags: 5, 0, stubsAt + (names.Count * StubSize), Page); // PT_LOAD, read and execute
        WriteSegment(writer, type: 1, flags: 6, dynamicAt, end - dynamicAt, Page); // PT_LOAD, read and write
        WriteSegment(writer, type: 2, flags: 6, dynamicAt, DynamicEntries * 16, sizeof(ulong)); // PT_DYNAMIC
        WriteSegment(writer, type: 0x6474e551, flags: 6, 0, 0, 16); // PT_GNU_STACK: not executable

        image.Position = symbolsAt + SymbolSize; // The first is empty.
        for (var index = 1; index < symbols.Length; index++)
        {
            var isTable = index == symbols.Length - 1;
            WriteSymbol(writer, offsets[index], isTable, isTable ? tableAt : stubsAt + ((index - 1) * StubSize));
        }

        image.Position = hashAt;
        WriteHash(writer, symbols);
        image.Position = stringsAt;
        writer.Write(strings);
        for (var index = 0; index < names.Count; index++)
        {
            // jmp *[rip + distance to the entry]
            image.Position = stubsAt + (index * StubSize);
            writer.Write((ushort)0x25ff);
            writer.Write(tableAt + (index * sizeof(ulong)) - (stubsAt + (index * StubSize) + 6));
        }

        image.Position = dynamicAt;
        foreach (
            var (tag, value) in (ReadOnlySpan<(long, long)>)
                [(4, hashAt), (5, stringsAt), (6, symbolsAt), (10, strings.Length), (11, SymbolSize), (14, 0), (0, 0)]
        )
        {
            writer.Write(tag);
            writer.Write(value);
        }

        return image.ToArray();
    }

    private static void WriteHeader(BinaryWriter writer)
    {
        writer.Write("\u007fELF\u0002\u0001\u0001"u8); // 64-bit, little-endian, version 1
        writer.BaseStream.Position = 16;
        writer.Write((ushort)3); // ET_DYN
        writer.Write((ushort)62); // EM_X86_64
        writer.Write(1);
        writer.Write(0L);
        writer.Write((long)HeaderSize);
        writer.Write(0L);
        writer.Write(0);
        writer.Write((ushort)HeaderSize);
        writer.Write((ushort)SegmentSize);
        writer.Write((ushort)Segments);
        writer.BaseStream.Position = HeaderSize;
    }

    private static void WriteSegment(BinaryWriter writer, uint type, uint flags, long at, long size, long alignment)
    {
        writer.Write(type);
        writer.Write(flags);
        writer.Write(at);
        writer.Write(at);
        writer.Write(at);
        writer.Write(size);
        writer.Write(size);
        writer.Write(alignment);
    }

    private static void WriteSymbol(BinaryWriter writer, int name, bool isTable, long at)
    {
        writer.Write(name);
        writer.Write((byte)(isTable ? 0x11 : 0x12)); // STB_GLOBAL with STT_OBJECT or STT_FUNC
        writer.Write((byte)0);
        writer.Write((ushort)1); // of some section: neither undefined nor absolute
        writer.Write(at);
        writer.Write((long)StubSize);
    }

    private static void WriteHash(BinaryWriter writer, string[] symbols)
    {
        var heads = new int[Buckets];
        var next = new int[symbols.Length];
        for (var index = 1; index < symbols.Length; index++)
        {
            ref var head = ref heads[Hash(symbols[index]) % Buckets];
            next[index] = head;
            head = index;
        }

        writer.Write(Buckets);
        writer.Write(symbols.Length);
        foreach (var value in (int[])[.. heads, .. next])
            writer.Write(value);
    }

    private static uint Hash(string name)
    {
        uint hash = 0;
        foreach (var letter in name)
        {
            hash = (hash << 4) + letter;
            var high = hash & 0xf0000000;
            hash = (hash ^ (high >> 24)) & ~high;
        }

        return hash;
    }

    private static (byte[] Strings, int[] Offsets) Strings(string[] symbols)
    {
        var offsets = new int[symbols.Length];
        var text = new StringBuilder();
        for (var index = 0; index < symbols.Length; index++)
        {
            offsets[index] = text.Length;
            text.Append(symbols[index]).Append('\0');
        }

        return (Encoding.ASCII.GetBytes(text.ToString()), offsets);
    }

    private static int Aligned(int offset, int alignment) => (offset + alignment - 1) / alignment * alignment;
}
