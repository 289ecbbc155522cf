using CsCheck;

namespace TrainHarness.Tests;

/// <summary>Files that somebody damaged or forged: bytes changed, cut off, left out, put in or repeated.</summary>
internal static class Mutations
{
    private static readonly Gen<(int Kind, double Place, double Length, byte Value)> Edit =
        Gen.Select(Gen.Int[0, 4], Gen.Double.Unit, Gen.Double.Unit, Gen.Byte, (kind, place, length, value) => (kind, place, length, value));

    /// <summary>One to four edits of a whole file.</summary>
    public static Gen<byte[]> Of(byte[] whole) => Edit.Array[1, 4].Select(edits => edits.Aggregate(whole, Apply));

    private static byte[] Apply(byte[] file, (int Kind, double Place, double Length, byte Value) edit)
    {
        var place = (int)(edit.Place * file.Length);
        // Short pieces mostly: what a single field takes.
        var length = (int)(edit.Length * edit.Length * edit.Length * (file.Length - place));
        return edit.Kind switch
        {
            0 => [.. file[..place], .. file[place..].Take(1).Select(_ => edit.Value), .. file[place..].Skip(1)],
            1 => file[..place],
            2 => [.. file[..place], .. file[(place + length)..]],
            3 => [.. file[..place], .. Enumerable.Repeat(edit.Value, Math.Min(length, 64)), .. file[place..]],
            _ => [.. file[..(place + length)], .. file[place..]],
        };
    }
}
