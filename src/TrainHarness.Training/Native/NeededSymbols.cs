using System.Buffers.Binary;
using System.Text;

namespace TrainHarness.Training.Native;

/// <summary>The symbols that a 64-bit little-endian ELF library takes from others and cannot do without (section <c>.dynsym</c>).</summary>
/// <remarks>Layout: System V ABI, chapter 4, "Sections" and "Symbol Table".</remarks>
internal static class NeededSymbols
{
    private const uint DynamicSymbolSection = 11; // SHT_DYNSYM
    private const int Global = 1; // STB_GLOBAL; weak ones may be missing
    private const int SymbolSize = 24;

    /// <param name="image">The library's bytes.</param>
    /// <returns>In the order of the library; empty where it has no table.</returns>
    /// <exception cref="BadImageFormatException">The bytes are no such library, or point outside themselves.</exception>
    public static IEnumerable<string> Of(byte[] image)
    {
        // \x7fELF, class 2 (64-bit), data 1 (little-endian)
        if (!image.AsSpan().StartsWith("\u007fELF\u0002\u0001"u8))
            throw new BadImageFormatException("not a 64-bit little-endian ELF library");
        var sections = Number(image, 0x28, 8);
        var sectionSize = Number(image, 0x3a, 2);
        for (var index = 0; index < Number(image, 0x3c, 2); index++)
        {
            var section = sections + (index * sectionSize);
            if (Number(image, section + 4, 4) != DynamicSymbolSection)
                continue;
            var names = Number(image, sections + (Number(image, section + 0x28, 4) * sectionSize) + 0x18, 8);
            var start = Number(image, section + 0x18, 8);
            return Read(image, start, Number(image, section + 0x20, 8) / SymbolSize, names);
        }

        return [];
    }

    private static IEnumerable<string> Read(byte[] image, long start, long count, long names)
    {
        for (var symbol = start; symbol < start + (count * SymbolSize); symbol += SymbolSize)
        {
            // Of section 0: defined elsewhere.
            if (Number(image, symbol + 6, 2) == 0 && Number(image, symbol + 4, 1) >> 4 == Global)
                yield return NameAt(image, names + Number(image, symbol, 4));
        }
    }

    private static string NameAt(byte[] image, long offset)
    {
        var rest = offset >= 0 && offset < image.Length ? image.AsSpan((int)offset) : default;
        var end = rest.IndexOf((byte)0);
        return end >= 0 ? Encoding.ASCII.GetString(rest[..end]) : throw new BadImageFormatException("a name runs past the end of the file");
    }

    private static long Number(byte[] image, long offset, int bytes)
    {
        if (offset < 0 || offset > image.Length - bytes)
            throw new BadImageFormatException($"offset {offset} lies outside the file");
        Span<byte> wide = stackalloc byte[sizeof(long)];
        image.AsSpan((int)offset, bytes).CopyTo(wide);
        return BinaryPrimitives.ReadInt64LittleEndian(wide);
    }
}
