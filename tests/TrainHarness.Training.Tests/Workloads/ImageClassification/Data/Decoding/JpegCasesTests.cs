using System.Globalization;
using System.Text;
using TrainHarness.Training.Native;
using TrainHarness.Training.Tests.Native;
using TrainHarness.Training.Workloads.ImageClassification.Data;
using TrainHarness.Training.Workloads.ImageClassification.Data.Decoding;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Data.Decoding;

/// <summary>
/// By hand, over a folder of odd images that is not part of the project: our full decode beside Pillow's. scripts/pillow-pixels.py
/// writes what Pillow makes of them; TRAINHARNESS_JPEG_CASES and TRAINHARNESS_PILLOW_PIXELS name both folders.
/// </summary>
public sealed class JpegCasesTests(ITestOutputHelper output)
{
    private const double Allowed = 5;

    /// <summary>Files that do not come out as Pillow's, and why.</summary>
    private static readonly Dictionary<string, string> Exceptions = new()
    {
        ["odd/pil-truncated_exif_dpi.jpg"] =
            "Pillow 9.4 gives up over a broken EXIF resolution; the pixels are whole, and a resolution is not needed.",
    };

    [Fact(Explicit = true)]
    public void Every_case_comes_out_as_Pillow_makes_it()
    {
        var cases = Named("TRAINHARNESS_JPEG_CASES");
        var pillow = Named("TRAINHARNESS_PILLOW_PIXELS");
        var unlike = new List<string>();
        foreach (var expected in Directory.EnumerateFiles(pillow, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(pillow, expected)[..^Path.GetExtension(expected).Length];
            var difference = Difference(File.ReadAllBytes(Path.Combine(cases, name)), expected);
            output.WriteLine($"{name}: {difference}");
            if (difference.StartsWith("unlike", StringComparison.Ordinal) && !Exceptions.ContainsKey(name))
                unlike.Add($"{name}: {difference}");
        }

        Assert.Empty(unlike);
    }

    [Fact(Explicit = true)]
    public void Every_case_comes_out_the_same_with_and_without_libturbojpeg()
    {
        Assert.True(TurboJpeg.IsAvailable, "libturbojpeg is not on this system.");
        var cases = Named("TRAINHARNESS_JPEG_CASES");
        var compared = 0;
        foreach (
            var file in Directory
                .EnumerateFiles(cases, "*.*", SearchOption.AllDirectories)
                .Where(file => ImageLayout.IsImage(Path.GetFileName(file)))
        )
        {
            foreach (var side in (int[])[64, 128, 224, 4096])
                compared += TurboJpegTests.AssertSame(File.ReadAllBytes(file), side) ? 1 : 0;
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{compared} decoded images are the same."));
    }

    private static string Named(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } folder
            ? folder
            : throw new InvalidOperationException($"{variable} names no folder.");

    private static string Difference(byte[] encoded, string expected)
    {
        var refuses = Path.GetExtension(expected) == ".error";
        try
        {
            var ours = EncodedImage.Decode(encoded, side: 4096);
            if (refuses)
                return $"unlike: Pillow refuses it ({File.ReadAllText(expected).Trim()})";
            var (pixels, width, height) = Ppm(File.ReadAllBytes(expected));
            if ((ours.Width, ours.Height) != (width, height))
                return $"unlike: {ours.Width} × {ours.Height}, Pillow {width} × {height}";
            Assert.Equal(3 * width * height, pixels.Length);
            var mean = Mean(ours.Pixels, pixels);
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{(mean <= Allowed ? "as Pillow's" : "unlike")}: mean absolute difference {mean:0.000}"
            );
        }
        catch (UndecodableImageException error)
        {
            return refuses ? $"refused, as by Pillow: {error.Message}" : $"unlike: refused: {error.Message}";
        }
    }

    private static double Mean(byte[] rgba, ReadOnlySpan<byte> rgb)
    {
        long sum = 0;
        for (var i = 0; i < rgb.Length; i++)
            sum += Math.Abs(rgba[(i / 3 * 4) + (i % 3)] - rgb[i]);
        return (double)sum / rgb.Length;
    }

    private static (byte[] Pixels, int Width, int Height) Ppm(byte[] file)
    {
        var end = 0;
        for (var lines = 0; lines < 3; end++)
            lines += file[end] == '\n' ? 1 : 0;
        var cells = Encoding.ASCII.GetString(file, 0, end).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return (file[end..], int.Parse(cells[1], CultureInfo.InvariantCulture), int.Parse(cells[2], CultureInfo.InvariantCulture));
    }
}
