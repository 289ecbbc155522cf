using System.Buffers.Binary;
using System.Globalization;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Decoding;

/// <summary>
/// Images of the Netpbm formats PGM (P5) and PPM (P6): a header in letters, then samples of one byte or two
/// (netpbm.sourceforge.net/doc/ppm.html).
/// </summary>
internal static class Netpbm
{
    public static bool IsOne(ReadOnlySpan<byte> file) => file is [(byte)'P', (byte)'5' or (byte)'6', var next, ..] && IsSpace(next);

    /// <param name="maxPixels">Pixels.</param>
    /// <exception cref="UndecodableImageException">It is cut off, damaged, or larger.</exception>
    public static DecodedImage Decode(ReadOnlySpan<byte> file, long maxPixels)
    {
        var at = 2;
        var channels = file[1] == '6' ? 3 : 1;
        int width = Number(file, ref at),
            height = Number(file, ref at),
            largest = Number(file, ref at);
        if (width < 1 || height < 1 || largest is < 1 or > ushort.MaxValue)
            throw new UndecodableImageException("its header has an impossible size");
        if ((long)width * height > maxPixels)
            throw new UndecodableImageException(
                string.Create(CultureInfo.InvariantCulture, $"{width} x {height} pixels are more than {maxPixels}")
            );
        // One space, and no more, comes before the samples.
        var samples = file[Math.Min(file.Length, at + 1)..];
        var sampleBytes = largest > byte.MaxValue ? 2 : 1;
        if (samples.Length < (long)width * height * channels * sampleBytes)
            throw new UndecodableImageException("the file is cut off");
        var pixels = new byte[4 * width * height];
        for (var pixel = 0; pixel < width * height; pixel++)
        {
            for (var channel = 0; channel < 3; channel++)
            {
                var sample = sampleBytes * ((pixel * channels) + (channels == 3 ? channel : 0));
                int value = sampleBytes == 1 ? samples[sample] : BinaryPrimitives.ReadUInt16BigEndian(samples[sample..]);
                pixels[(4 * pixel) + channel] =
                    largest == byte.MaxValue ? (byte)value : (byte)Math.Min(255, Math.Round(value * 255.0 / largest));
            }
        }

        return new DecodedImage(pixels, width, height);
    }

    // Spaces and comments, then digits.
    private static int Number(ReadOnlySpan<byte> file, ref int at)
    {
        for (var isComment = false; at < file.Length && (isComment || IsSpace(file[at]) || file[at] == '#'); at++)
            isComment = file[at] == '#' || (isComment && file[at] != '\n' && file[at] != '\r');
        var start = at;
        while (at < file.Length && char.IsAsciiDigit((char)file[at]))
            at++;
        return int.TryParse(file[start..at], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new UndecodableImageException("its header cannot be read");
    }

    private static bool IsSpace(byte letter) => letter is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r' or 11 or 12;
}
