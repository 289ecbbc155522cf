using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Language.Data;

namespace TrainHarness.Training.Workloads.Translation.Data;

/// <summary>
/// Splits pairs that come in one piece. Where a sentence goes follows from a hash of its source, so that all its translations are in one
/// split.
/// </summary>
/// <param name="ValidationPart">Of the source sentences, from 0 to 1.</param>
/// <param name="TestPart">Likewise.</param>
internal sealed record HashedSplit(double ValidationPart, double TestPart)
{
    // One seed for everybody: the split is part of the dataset.
    private const int SplitSeed = 0;

    /// <param name="file">Where the pairs are from, for the message.</param>
    /// <param name="allowed">What helps where a split is empty.</param>
    /// <exception cref="ConfigurationException">There is nothing to train on or to validate on.</exception>
    public PairCorpus Of(IEnumerable<SentencePair> pairs, string file, string allowed)
    {
        var splits = pairs.ToLookup(pair => SplitOf(pair.Source));
        foreach (var split in (Split[])[Split.Train, Split.Validation])
        {
            if (!splits.Contains(split))
                throw new ConfigurationException(
                    $"{file}: no pair of it is for {split.ToString().ToLowerInvariant()}; allowed: {allowed}."
                );
        }

        return new PairCorpus([.. splits[Split.Train]], [.. splits[Split.Validation]], [.. splits[Split.Test]]);
    }

    private Split SplitOf(string source)
    {
        var place = Seeds.For(SplitSeed, source) / (double)ulong.MaxValue;
        return place < ValidationPart ? Split.Validation
            : place < ValidationPart + TestPart ? Split.Test
            : Split.Train;
    }

    private enum Split
    {
        Train,
        Validation,
        Test,
    }
}
