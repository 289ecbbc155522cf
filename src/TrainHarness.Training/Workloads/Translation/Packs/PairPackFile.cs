using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using TrainHarness.Training.Language.Data;
using TrainHarness.Training.Language.Subwords;

namespace TrainHarness.Training.Workloads.Translation.Packs;

/// <summary>
/// A pack as a file: a word, the content, and the SHA-256 of it. The merges, the vocabulary and every sentence are in it, and so in the
/// checksum.
/// </summary>
internal static class PairPackFile
{
    private static readonly byte[] Begin = "trainharness pairs 1\n"u8.ToArray();

    /// <summary>The bytes of the file, and the pack with its checksum.</summary>
    public static (byte[] Bytes, PairPack Pack) Write(PairPack pack)
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
            Write(writer, pack);
        var content = stream.ToArray();
        var hash = SHA256.HashData(content);
        return ([.. Begin, .. content, .. hash], pack with { Sha256 = Convert.ToHexStringLower(hash) });
    }

    /// <summary>Null where the bytes are no whole pack of this version.</summary>
    public static PairPack? Read(byte[] bytes)
    {
        var length = bytes.Length - Begin.Length - SHA256.HashSizeInBytes;
        if (length < 0 || !bytes.AsSpan().StartsWith(Begin))
            return null;
        var hash = SHA256.HashData(bytes.AsSpan(Begin.Length, length));
        if (!bytes.AsSpan(Begin.Length + length).SequenceEqual(hash))
            return null;
        using var reader = new BinaryReader(new MemoryStream(bytes, Begin.Length, length), Encoding.UTF8);
        return Read(reader) with { Sha256 = Convert.ToHexStringLower(hash) };
    }

    private static void Write(BinaryWriter writer, PairPack pack)
    {
        writer.Write(pack.SourceSha256);
        writer.Write(pack.LeftOut);
        WriteAll(writer, pack.Subwords.Merges, merge =>
        {
            writer.Write(merge.Left);
            writer.Write(merge.Right);
        });
        WriteAll(writer, pack.Subwords.Vocabulary, writer.Write);
        WriteAll(writer, pack.Train, pair => WritePair(writer, pair));
        foreach (var split in (EvaluatedPairs[])[pack.Validation, pack.Test])
        {
            WriteAll(writer, split.Pairs, pair => WritePair(writer, pair));
            foreach (var (source, target) in split.Texts)
            {
                writer.Write(source);
                writer.Write(target);
            }
        }
    }

    private static PairPack Read(BinaryReader reader) =>
        new()
        {
            // In the order of the file.
            SourceSha256 = reader.ReadString(),
            LeftOut = reader.ReadInt32(),
            Subwords = new SubwordModel(
                ReadAll(reader, () => (reader.ReadString(), reader.ReadString())),
                ReadAll(reader, reader.ReadString)
            ),
            Train = ReadAll(reader, () => ReadPair(reader)),
            Validation = ReadEvaluated(reader),
            Test = ReadEvaluated(reader),
        };

    private static EvaluatedPairs ReadEvaluated(BinaryReader reader)
    {
        var pairs = ReadAll(reader, () => ReadPair(reader));
        return new EvaluatedPairs(
            pairs,
            [.. Enumerable.Range(0, pairs.Count).Select(_ => new SentencePair(reader.ReadString(), reader.ReadString()))]
        );
    }

    private static void WriteAll<T>(BinaryWriter writer, IReadOnlyList<T> items, Action<T> write)
    {
        writer.Write(items.Count);
        foreach (var item in items)
            write(item);
    }

    private static List<T> ReadAll<T>(BinaryReader reader, Func<T> read) =>
        [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => read())];

    private static void WritePair(BinaryWriter writer, TokenPair pair)
    {
        foreach (var numbers in (ushort[][])[pair.Source, pair.Target])
        {
            writer.Write(numbers.Length);
            writer.Write(MemoryMarshal.AsBytes<ushort>(numbers));
        }
    }

    private static TokenPair ReadPair(BinaryReader reader) => new(ReadNumbers(reader), ReadNumbers(reader));

    private static ushort[] ReadNumbers(BinaryReader reader) =>
        MemoryMarshal.Cast<byte, ushort>(reader.ReadBytes(sizeof(ushort) * reader.ReadInt32())).ToArray();
}
