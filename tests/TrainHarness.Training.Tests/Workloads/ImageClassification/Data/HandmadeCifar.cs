using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Data;

/// <summary>Files in the four forms of CIFAR, with a few images of one colour each, written byte for byte.</summary>
internal static class HandmadeCifar
{
    public const int ImagesEach = 4;

    public static readonly string[] Ten = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <summary>Every class is in every file's turn: image k of file f has label (4f + k) mod 10.</summary>
    public static int Label(int file, int image) => ((ImagesEach * file) + image) % Ten.Length;

    /// <summary>Red, green and blue of each image.</summary>
    public static byte[] Pixels(int file, int image) =>
        [
            .. Enumerable.Repeat((byte)(10 * file), 1024),
            .. Enumerable.Repeat((byte)(20 * image), 1024),
            .. Enumerable.Repeat((byte)200, 1024),
        ];

    /// <summary>data_batch_1.bin to data_batch_5.bin, test_batch.bin with all ten classes, and batches.meta.txt.</summary>
    public static string WriteBinaryTen(string folder)
    {
        Directory.CreateDirectory(folder);
        for (var file = 1; file <= 5; file++)
            File.WriteAllBytes(Path.Combine(folder, $"data_batch_{file}.bin"), Records(file, ImagesEach));
        File.WriteAllBytes(Path.Combine(folder, "test_batch.bin"), Records(0, Ten.Length));
        File.WriteAllText(Path.Combine(folder, "batches.meta.txt"), string.Join('\n', Ten) + "\n\n");
        return folder;
    }

    /// <summary>The same images as pickles of Python 2.</summary>
    public static string WritePythonTen(string folder)
    {
        Directory.CreateDirectory(folder);
        for (var file = 1; file <= 5; file++)
            File.WriteAllBytes(Path.Combine(folder, $"data_batch_{file}"), Batch(file, ImagesEach));
        File.WriteAllBytes(Path.Combine(folder, "test_batch"), Batch(0, Ten.Length));
        File.WriteAllBytes(
            Path.Combine(folder, "batches.meta"),
            [0x80, 2, .. "}q\u0001("u8, .. Text("label_names"), .. Texts(Ten), .. Text("num_vis"), (byte)'M', 0, 12, .. "u."u8]
        );
        return folder;
    }

    /// <summary>Three classes of three of CIFAR-100's files: coarse labels are all 1.</summary>
    public static string WriteBinaryHundred(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in (string[])["train.bin", "test.bin"])
            File.WriteAllBytes(
                Path.Combine(folder, file),
                [.. Enumerable.Range(0, 6).SelectMany(i => (byte[])[1, (byte)(i % 3), .. Pixels(file.Length, i)])]
            );
        File.WriteAllText(Path.Combine(folder, "fine_label_names.txt"), "apple\naquarium_fish\nbaby\n");
        File.WriteAllText(Path.Combine(folder, "coarse_label_names.txt"), "fish\nfruit\n");
        return folder;
    }

    public static string WritePythonHundred(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in (string[])["train", "test"])
        {
            byte[] pixels = [.. Enumerable.Range(0, 6).SelectMany(i => Pixels($"{file}.bin".Length, i))];
            File.WriteAllBytes(
                Path.Combine(folder, file),
                Dictionary(
                    (Text("fine_labels"), Numbers([0, 1, 2, 0, 1, 2])),
                    (Text("coarse_labels"), Numbers([1, 1, 1, 1, 1, 1])),
                    (Text("data"), Array(6, pixels))
                )
            );
        }

        File.WriteAllBytes(
            Path.Combine(folder, "meta"),
            Dictionary(
                (Text("fine_label_names"), Texts(["apple", "aquarium_fish", "baby"])),
                (Text("coarse_label_names"), Texts(["fish", "fruit"]))
            )
        );
        return folder;
    }

    /// <summary>As the archives are: one folder and its files.</summary>
    public static string Archive(string folder, string path)
    {
        using Stream file = File.Create(path);
        using var packed = path.EndsWith(".tar", StringComparison.Ordinal) ? file : new GZipStream(file, CompressionLevel.Fastest);
        using var writer = new TarWriter(packed);
        foreach (var name in Directory.GetFiles(folder).Order(StringComparer.Ordinal))
        {
            using var content = File.OpenRead(name);
            writer.WriteEntry(
                new UstarTarEntry(TarEntryType.RegularFile, $"{Path.GetFileName(folder)}/{Path.GetFileName(name)}")
                {
                    DataStream = content,
                    ModificationTime = DateTimeOffset.UnixEpoch,
                }
            );
        }

        return path;
    }

    public static byte[] Dictionary(params (byte[] Key, byte[] Value)[] pairs) =>
        [0x80, 2, .. "}q\u0001("u8, .. pairs.SelectMany(pair => (byte[])[.. pair.Key, .. pair.Value]), .. "u."u8];

    /// <summary>A short string of Python 2.</summary>
    public static byte[] Text(string text) => [(byte)'U', (byte)text.Length, .. Encoding.ASCII.GetBytes(text), (byte)'q', 9];

    public static byte[] Texts(string[] texts) => [.. "]q\u0005("u8, .. texts.SelectMany(Text), (byte)'e'];

    public static byte[] Numbers(byte[] numbers) =>
        [.. "]q\u0005("u8, .. numbers.SelectMany(number => (byte[])[(byte)'K', number]), (byte)'e'];

    /// <summary>As numpy made them in 2009: what is called, an empty array, its type, and its content.</summary>
    public static byte[] Array(int images, byte[] content) =>
        [
            .. "cnumpy.core.multiarray\n_reconstruct\nq\u0006cnumpy\nndarray\nq\u0007K\0"u8,
            0x85,
            .. "q\u0008U\u0001b"u8,
            0x87,
            .. "Rq\u0009(K\u0001K"u8,
            (byte)images,
            .. "M\0\u000c"u8,
            0x86,
            .. "cnumpy\ndtype\nq\u0010U\u0002u1K\0K\u0001"u8,
            0x87,
            .. "Rq\u0011(K\u0003U\u0001|NNNJ"u8,
            255,
            255,
            255,
            255,
            (byte)'J',
            255,
            255,
            255,
            255,
            .. "K\0tb"u8,
            0x89,
            (byte)'T',
            .. BitConverter.GetBytes(content.Length),
            .. content,
            .. "tb"u8,
        ];

    private static byte[] Records(int file, int images) =>
        [.. Enumerable.Range(0, images).SelectMany(k => (byte[])[(byte)Label(file, k), .. Pixels(file, k)])];

    private static byte[] Batch(int file, int images) =>
        Dictionary(
            (Text("batch_label"), Text($"training batch {file} of 5")),
            (Text("labels"), Numbers([.. Enumerable.Range(0, images).Select(k => (byte)Label(file, k))])),
            (Text("data"), Array(images, [.. Enumerable.Range(0, images).SelectMany(k => Pixels(file, k))])),
            (Text("filenames"), Texts([.. Enumerable.Range(0, images).Select(k => $"a_{k}.png")]))
        );
}
