using BenchmarkDotNet.Attributes;
using SkiaSharp;
using TrainHarness.Training.Workloads.ImageClassification.Data;
using TrainHarness.Training.Workloads.ImageClassification.Data.Decoding;

namespace TrainHarness.Benchmarks;

/// <summary>
/// From a JPEG to an example of a pack, on one core, for one image. TRAINHARNESS_IMAGES names a folder of photographs to take instead of a
/// drawn image of 500 × 375 pixels.
/// </summary>
public class DecodingBenchmarks
{
    private List<byte[]> images = [];
    private byte[] destination = [];
    private int next;

    [Params(64, 128, 224)]
    public int Side { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        images = Environment.GetEnvironmentVariable("TRAINHARNESS_IMAGES") is { Length: > 0 } folder
            ? [.. Directory.EnumerateFiles(folder).Where(file => ImageLayout.IsImage(Path.GetFileName(file))).Select(File.ReadAllBytes)]
            : [Drawn()];
        destination = new byte[3 * Side * Side];
    }

    [Benchmark(Baseline = true)]
    public void Skia() => Render(withTurboJpeg: false);

    /// <summary>The same as Skia where the system has no libturbojpeg.</summary>
    [Benchmark]
    public void TurboJpeg() => Render(withTurboJpeg: true);

    private void Render(bool withTurboJpeg)
    {
        var image = EncodedImage.Decode(images[next++ % images.Count], Side, withTurboJpeg);
        Resampling.ResizeAndCrop(image.Pixels, image.Width, image.Height, Side, destination);
    }

    internal static byte[] Drawn()
    {
        using var bitmap = new SKBitmap(500, 375, SKColorType.Rgba8888, SKAlphaType.Opaque);
        var random = new Random(1);
        for (var y = 0; y < bitmap.Height; y++)
        {
            for (var x = 0; x < bitmap.Width; x++)
            {
                // Slow waves with a little noise, so that coding costs about what a photograph's does.
                var wave = 128 + (60 * Math.Sin(x / 23.0) * Math.Cos(y / 31.0));
                bitmap.SetPixel(
                    x,
                    y,
                    new SKColor(
                        (byte)(wave + random.Next(24)),
                        (byte)(wave / 2 + random.Next(24)),
                        (byte)(200 - wave / 2 + random.Next(24))
                    )
                );
            }
        }

        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);
        return data.ToArray();
    }
}
