using System.Security.Cryptography;
using System.Text;
using TrainHarness.Files;
using TrainHarness.Training.Workloads.Translation.Data;

namespace TrainHarness.Training.Workloads.Translation.Packs;

/// <summary>What a study asks of its sentence pairs.</summary>
/// <param name="Merges">See <see cref="Language.Subwords.SubwordModel.Of"/>.</param>
/// <param name="Longest">See <see cref="PairPack.Of"/>.</param>
public sealed record PairRequest(PairSource Source, int Merges, int Longest)
{
    /// <summary>Reads the sentences, which is where all that is wrong with them shows.</summary>
    /// <param name="place">See <see cref="PairSource.Read(string)"/>.</param>
    public PairCorpus Read(string? place) => Source.Read(place);

    /// <summary>Makes the pack, or takes it from the cache where it lies there whole.</summary>
    /// <exception cref="ConfigurationException">The sentences are not as they must be, or give fewer merges.</exception>
    public PairPack Prepare(string? place, string cacheFolder)
    {
        var corpus = Read(place);
        var file = FileOf(corpus, cacheFolder);
        if (Cached(file) is { } cached)
            return cached;
        var (bytes, pack) = PairPackFile.Write(Pack(corpus));
        CacheFolder.RequireWritable(cacheFolder);
        AtomicFile.Write(file, bytes);
        return pack;
    }

    /// <summary>The pack and its bytes as a file; nothing is written.</summary>
    public (PairPack Pack, long Bytes, bool IsReady) Measure(string? place, string cacheFolder)
    {
        var corpus = Read(place);
        var file = FileOf(corpus, cacheFolder);
        if (Cached(file) is { } cached)
            return (cached, PlainFile.Length(file) ?? 0, true);
        var (bytes, pack) = PairPackFile.Write(Pack(corpus));
        return (pack, bytes.Length, false);
    }

    private PairPack Pack(PairCorpus corpus)
    {
        var pack = PairPack.Of(corpus, Merges, Longest);
        return pack.Train.Count >= 2
            ? pack
            : throw new ConfigurationException(
                $"longest: {pack.LeftOut} training pairs of {Source.Name} are longer than {Longest} subwords; allowed: a number that "
                    + $"leaves two pairs."
            );
    }

    private static PairPack? Cached(string file) => PlainFile.Read(file, int.MaxValue) is { } bytes ? PairPackFile.Read(bytes) : null;

    // Of all that decides what is in it.
    private string FileOf(PairCorpus corpus, string cacheFolder)
    {
        var key = SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{corpus.Sha256()}/{Merges}/{Longest}")));
        return Path.Combine(cacheFolder, $"{Convert.ToHexStringLower(key)[..24]}.pairs");
    }
}
