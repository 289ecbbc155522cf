using System.Formats.Tar;
using System.Globalization;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Trees;

/// <summary>
/// A file with holes as GNU tar stores it in the pax format: attributes say its name and length, and a map where its pieces belong. Version
/// 1.0 has the map before the pieces, in decimal numbers of a line each; version 0.1 in an attribute. Of version 0.0 the library keeps one
/// piece alone.
/// </summary>
/// <param name="Map">Offset and length of each piece; null where it stands before the pieces.</param>
internal sealed record SparseLayout(string Name, long Length, IReadOnlyList<(long Offset, long Bytes)>? Map)
{
    private const int BlockBytes = 512;
    private const int MaxPieces = 1_000_000;
    private const string Prefix = "GNU.sparse.";

    /// <summary>Null for a member without holes.</summary>
    /// <exception cref="InvalidDataException">It is stored in a way that is not read, or its attributes contradict each other.</exception>
    public static SparseLayout? Of(TarEntry entry)
    {
        if (
            entry is not PaxTarEntry { ExtendedAttributes: { } attributes }
            || !attributes.Keys.Any(key => key.StartsWith(Prefix, StringComparison.Ordinal))
        )
            return null;
        var name = attributes.GetValueOrDefault(Prefix + "name") ?? entry.Name;
        var version = attributes.GetValueOrDefault(Prefix + "major") is { } major
            ? $"{major}.{attributes.GetValueOrDefault(Prefix + "minor")}"
            : null;
        var length = attributes.GetValueOrDefault(Prefix + "realsize") ?? attributes.GetValueOrDefault(Prefix + "size");
        if (length is null)
            throw new InvalidDataException($"sparse member {name} does not say how long it is.");
        if (version == "1.0")
            return new SparseLayout(name, Number(length, name), null);
        if (version is null && attributes.TryGetValue(Prefix + "map", out var map))
            return new SparseLayout(name, Number(length, name), Pieces([.. map.Split(',').Select(number => Number(number, name))], name));
        throw new InvalidDataException(
            $"member {name} is a sparse file of a kind that is not read (allowed: GNU tar's pax formats 0.1 and 1.0, or an archive "
                + $"without sparse files)."
        );
    }

    /// <summary>Puts the pieces to their places; the holes are zero.</summary>
    /// <param name="stored">The member's data.</param>
    /// <exception cref="InvalidDataException">The map leads outside the file, or the data ends early.</exception>
    public void Fill(Span<byte> file, Stream stored)
    {
        long end = 0;
        foreach (var (offset, bytes) in Map ?? ReadMap(stored))
        {
            if (offset < end || bytes > file.Length - offset)
                throw new InvalidDataException($"the map of sparse member {Name} leads outside of it.");
            end = offset + bytes;
            stored.ReadExactly(file.Slice((int)offset, (int)bytes));
        }
    }

    private List<(long Offset, long Bytes)> ReadMap(Stream stored)
    {
        var read = 0;
        var count = NextNumber();
        if (count > MaxPieces)
            throw new InvalidDataException($"sparse member {Name} claims {count} pieces.");
        var numbers = new List<long>();
        for (long i = 0; i < 2 * count; i++)
            numbers.Add(NextNumber());
        var padding = new byte[(BlockBytes - (read % BlockBytes)) % BlockBytes];
        stored.ReadExactly(padding);
        return Pieces(numbers, Name);

        long NextNumber()
        {
            var digits = "";
            for (int letter; (letter = stored.ReadByte()) != '\n'; digits += (char)letter)
            {
                if (letter < 0 || digits.Length > 20)
                    throw new InvalidDataException($"the map of sparse member {Name} cannot be read.");
                read++;
            }

            read++;
            return Number(digits, Name);
        }
    }

    private static List<(long Offset, long Bytes)> Pieces(List<long> numbers, string name) =>
        numbers.Count % 2 == 0
            ? [.. Enumerable.Range(0, numbers.Count / 2).Select(piece => (numbers[2 * piece], numbers[(2 * piece) + 1]))]
            : throw new InvalidDataException($"the map of sparse member {name} cannot be read.");

    private static long Number(string digits, string name) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidDataException($"sparse member {name} has '{digits}' in place of a number.");
}
