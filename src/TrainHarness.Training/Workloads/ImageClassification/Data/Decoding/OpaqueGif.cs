namespace TrainHarness.Training.Workloads.ImageClassification.Data.Decoding;

/// <summary>
/// A GIF whose first frame has no transparent pixels any more: each has the colour that the palette has for it. Format: CompuServe, GIF89a.
/// </summary>
/// <param name="Uncovered">
/// Colour of what the first frame does not cover: that of the transparent entry of the palette, else of the first, as Pillow has it.
/// </param>
internal sealed record OpaqueGif(byte[] Encoded, (byte Red, byte Green, byte Blue) Uncovered)
{
    private const int HeaderBytes = 13;
    private const byte Extension = 0x21;
    private const byte GraphicControl = 0xF9;
    private const byte Image = 0x2C;

    /// <summary>A file that is no GIF stays as it is; the decoder says what is wrong with it.</summary>
    public static OpaqueGif Of(byte[] file)
    {
        var opaque = (byte[])file.Clone();
        var transparent = 0;
        var palette = Range.EndAt(0);
        var at = HeaderBytes;
        if (file.Length > HeaderBytes && PaletteBytes(file[10]) is var common and > 0)
        {
            palette = at..(at + common);
            at += common;
        }

        while (at + 2 < file.Length && file[at] == Extension)
        {
            if (file[at + 1] == GraphicControl && at + 6 < file.Length && file[at + 2] == 4)
            {
                transparent = (file[at + 3] & 1) == 1 ? file[at + 6] : transparent;
                opaque[at + 3] &= 0xFE;
            }

            // Blocks with their lengths before them, until one of none.
            for (at += 2; at < file.Length && file[at] > 0; )
                at += file[at] + 1;
            at++;
        }

        if (at + 9 < file.Length && file[at] == Image && PaletteBytes(file[at + 9]) is var own and > 0)
            palette = (at + 10)..(at + 10 + own);
        return new OpaqueGif(opaque, Colour(file, palette, transparent));
    }

    private static int PaletteBytes(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

    private static (byte Red, byte Green, byte Blue) Colour(byte[] file, Range palette, int entry)
    {
        var colour = palette.Start.Value + (3 * entry);
        return colour + 3 <= Math.Min(palette.End.Value, file.Length) ? (file[colour], file[colour + 1], file[colour + 2]) : default;
    }
}
