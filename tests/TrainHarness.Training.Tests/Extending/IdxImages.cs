using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using TrainHarness.Files;
using TrainHarness.Training.Workloads.ImageClassification.Data;
using TrainHarness.Training.Workloads.ImageClassification.Data.Decoding;

namespace TrainHarness.Training.Tests.Extending;

/// <summary>
/// Grey images in IDX files, as MNIST is given out: a header, then one byte for each pixel; labels in files of their own.
/// </summary>
internal sealed class IdxImages(string folder) : IExampleSource
{
    private const int Side = 28;
    private const int ImageHeader = 16;
    private const int LabelHeader = 8;
    private static readonly (Split Split, string Name)[] Parts = [(Split.Train, "train"), (Split.Validation, "t10k")];

    private readonly Dictionary<string, (string Part, int Index)> placeOf = new(StringComparer.Ordinal);
    private IReadOnlyList<ExampleEntry>? entries;

    /// <summary>What lies there decides.</summary>
    public static bool IsAt(string path) => PlainFile.Exists(Images(path, "train"));

    // Names, lengths and times: cheap to look at, and other ones where a file was changed.
    public string Stamp
    {
        get
        {
            using var hash = new ContentHash();
            foreach (
                var file in Parts
                    .SelectMany(part => (string[])[Images(folder, part.Name), Labels(folder, part.Name)])
                    .Select(file => new FileInfo(file))
            )
                hash.Add(file.FullName).Add(file.Length).Add(file.LastWriteTimeUtc.Ticks);
            return hash.Finish();
        }
    }

    public IReadOnlyList<ExampleEntry> List()
    {
        if (entries is not null)
            return entries;
        var layout = new ImageLayout(folder);
        foreach (var (split, part) in Parts)
        {
            var labels = Content(Labels(folder, part), LabelHeader, count => count);
            for (var index = 0; index < labels.Length; index++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"{part}-{index:D5}");
                placeOf[layout.AddImage(split, labels[index].ToString(CultureInfo.InvariantCulture), name, Side * Side)] = (part, index);
            }
        }

        return entries = layout.Entries();
    }

    public IEnumerable<PendingExample> Read(IReadOnlyList<ExampleEntry> chosen)
    {
        List();
        // One file after the other; each is read once.
        foreach (
            var part in chosen
                .Select((example, position) => (Place: placeOf[example.Name], Position: position))
                .GroupBy(example => example.Place.Part)
        )
        {
            var pixels = Content(Images(folder, part.Key), ImageHeader, count => count * Side * Side);
            foreach (var (place, position) in part)
            {
                var image = pixels.AsMemory(place.Index * Side * Side, Side * Side);
                yield return new PendingExample(position, (side, destination) => Render(image.Span, side, destination));
            }
        }
    }

    private static string Images(string folder, string part) => Path.Combine(folder, $"{part}-images-idx3-ubyte");

    private static string Labels(string folder, string part) => Path.Combine(folder, $"{part}-labels-idx1-ubyte");

    // A file is what its header says, or it is refused in one line.
    private static byte[] Content(string file, int header, Func<int, int> bytesFor)
    {
        if (!PlainFile.Exists(file))
            throw new ConfigurationException($"{file}: no such file; allowed: the four files of an IDX dataset");
        var bytes = File.ReadAllBytes(file);
        if (bytes.Length < header || bytes.Length != header + bytesFor(BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(4))))
            throw new ConfigurationException($"{file}: has {bytes.Length} bytes, other than its header says; allowed: a whole IDX file");
        return bytes[header..];
    }

    private static ExampleContent Render(ReadOnlySpan<byte> grey, int side, Span<byte> destination)
    {
        Span<byte> pixels = stackalloc byte[4 * Side * Side];
        for (var index = 0; index < grey.Length; index++)
            pixels.Slice(4 * index, 3).Fill(grey[index]);
        Resampling.ResizeAndCrop(pixels, Side, Side, side, destination);
        return new ExampleContent(grey.Length, SHA256.HashData(grey));
    }
}
