using System.Buffers.Binary;
using System.Text;

namespace TrainHarness.Training.Native;

/// <summary>
/// The symbol versions that a 64-bit little-endian ELF library asks of the libraries it needs (section <c>.gnu.version_r</c>).
/// </summary>
/// <remarks>
/// Layout: System V ABI, chapter 4, and Linux Standard Base, "Symbol Versioning". Every offset read is checked against the file.
/// </remarks>
internal static class VersionNeeds
{
    private const uint VersionNeedSection = 0x6ffffffe; // SHT_GNU_verneed
    private const ushort WeakFlag = 2; // VER_FLG_WEAK: a missing version is a warning, not a failure

    /// <summary>Marks every need of <paramref name="version"/> as weak, in place.</summary>
    /// <returns>How many needs changed; 0 where the version is not needed or is weak already.</returns>
    /// <exception cref="BadImageFormatException">The bytes are no such library, or point outside themselves.</exception>
    public static int Weaken(Span<byte> image, string version)
    {
        RequireElf(image);
        var sections = (long)U64(image, 0x28);
        var sectionSize = U16(image, 0x3a);
        var changed = 0;
        for (var index = 0; index < U16(image, 0x3c); index++)
        {
            var section = sections + ((long)index * sectionSize);
            if (U32(image, section + 4) != VersionNeedSection)
                continue;
            var names = (long)U64(image, sections + ((long)U32(image, section + 0x28) * sectionSize) + 0x18);
            changed += WeakenSection(image, (long)U64(image, section + 0x18), names, Encoding.ASCII.GetBytes(version));
        }

        return changed;
    }

    // A section is a chain of needed libraries, each with a chain of versions; offsets only grow, so both chains end.
    private static int WeakenSection(Span<byte> image, long library, long names, ReadOnlySpan<byte> version)
    {
        var changed = 0;
        while (true)
        {
            var need = library + U32(image, library + 8);
            for (var left = U16(image, library + 2); left > 0; left--)
            {
                changed += WeakenNeed(image, need, names, version) ? 1 : 0;
                need += U32(image, need + 12);
            }

            var next = U32(image, library + 12);
            if (next == 0)
                return changed;
            library += next;
        }
    }

    private static bool WeakenNeed(Span<byte> image, long need, long names, ReadOnlySpan<byte> version)
    {
        var flags = U16(image, need + 4);
        if ((flags & WeakFlag) != 0 || !NameAt(image, names + U32(image, need + 8)).SequenceEqual(version))
            return false;
        BinaryPrimitives.WriteUInt16LittleEndian(Part(image, need + 4, 2), (ushort)(flags | WeakFlag));
        return true;
    }

    private static void RequireElf(Span<byte> image)
    {
        // \x7fELF, class 2 (64-bit), data 1 (little-endian)
        if (image.Length < 64 || !image[..6].SequenceEqual("\u007fELF\u0002\u0001"u8))
            throw new BadImageFormatException("not a 64-bit little-endian ELF library");
    }

    private static ReadOnlySpan<byte> NameAt(Span<byte> image, long offset)
    {
        var rest = Part(image, offset, 1).Length == 1 ? image[(int)offset..] : default;
        var end = rest.IndexOf((byte)0);
        return end >= 0 ? rest[..end] : throw new BadImageFormatException("a name runs past the end of the file");
    }

    private static ushort U16(Span<byte> image, long offset) => BinaryPrimitives.ReadUInt16LittleEndian(Part(image, offset, 2));

    private static uint U32(Span<byte> image, long offset) => BinaryPrimitives.ReadUInt32LittleEndian(Part(image, offset, 4));

    private static ulong U64(Span<byte> image, long offset) => BinaryPrimitives.ReadUInt64LittleEndian(Part(image, offset, 8));

    // A sum that overflowed is negative, and as an unsigned number far outside.
    private static Span<byte> Part(Span<byte> image, long offset, int length) =>
        (ulong)offset <= (ulong)(image.Length - length)
            ? image.Slice((int)offset, length)
            : throw new BadImageFormatException($"offset {offset} lies outside the file");
}
