using System.Security.Cryptography;
using System.Text;
using TrainHarness.Training.Language.Data;

namespace TrainHarness.Training.Workloads.Translation.Data;

/// <summary>The sentence pairs of a dataset, split; no pair is in two of them.</summary>
/// <param name="Test">Scored once, after training; empty where the dataset has none.</param>
public sealed record PairCorpus(IReadOnlyList<SentencePair> Train, IReadOnlyList<SentencePair> Validation, IReadOnlyList<SentencePair> Test)
{
    /// <summary>Identifies every sentence and its place.</summary>
    public string Sha256()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var split in (IReadOnlyList<SentencePair>[])[Train, Validation, Test])
        {
            hash.AppendData(BitConverter.GetBytes(split.Count));
            foreach (var (source, target) in split)
                hash.AppendData(Encoding.UTF8.GetBytes($"{source}\n{target}\n"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
