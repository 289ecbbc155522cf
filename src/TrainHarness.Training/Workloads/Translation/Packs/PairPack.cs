using TrainHarness.Training.Language.Data;
using TrainHarness.Training.Language.Subwords;
using TrainHarness.Training.Workloads.Translation.Data;

namespace TrainHarness.Training.Workloads.Translation.Packs;

/// <summary>A dataset as trials take it: its subwords, and every sentence in them. All of it lies in memory.</summary>
public sealed record PairPack
{
    public required SubwordModel Subwords { get; init; }

    public required IReadOnlyList<TokenPair> Train { get; init; }

    public required EvaluatedPairs Validation { get; init; }

    /// <summary>Empty where the dataset has none.</summary>
    public required EvaluatedPairs Test { get; init; }

    /// <summary>Training pairs that were longer than the study allows.</summary>
    public required int LeftOut { get; init; }

    /// <summary>Of the sentences as they were read: <see cref="PairCorpus.Sha256"/>.</summary>
    public required string SourceSha256 { get; init; }

    /// <summary>Of all above: <see cref="PairPackFile"/>.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>Learns the subwords of the training text and puts every sentence into them.</summary>
    /// <param name="longest">Subwords on either side of a training pair, with its end; pairs that have more are left out.</param>
    public static PairPack Of(PairCorpus corpus, int merges, int longest)
    {
        var subwords = SubwordModel.Of(corpus.Train.SelectMany(pair => (string[])[pair.Source, pair.Target]), merges);
        List<TokenPair> all = [.. corpus.Train.Select(pair => Encode(subwords, pair))];
        List<TokenPair> train = [.. all.Where(pair => pair.SourceLength <= longest && pair.TargetLength <= longest)];
        return new PairPack
        {
            Subwords = subwords,
            Train = train,
            Validation = EvaluatedPairs.Of(subwords, corpus.Validation),
            Test = EvaluatedPairs.Of(subwords, corpus.Test),
            LeftOut = all.Count - train.Count,
            SourceSha256 = corpus.Sha256(),
        };
    }

    internal static TokenPair Encode(SubwordModel subwords, SentencePair pair) =>
        new(Numbers(subwords, pair.Source), Numbers(subwords, pair.Target));

    private static ushort[] Numbers(SubwordModel subwords, string sentence) =>
        [.. subwords.Encode(sentence).Select(number => (ushort)number)];
}

/// <summary>Pairs whose translation is scored, by its text.</summary>
/// <param name="Texts">As they were read, in the order of the pairs.</param>
public sealed record EvaluatedPairs(IReadOnlyList<TokenPair> Pairs, IReadOnlyList<SentencePair> Texts)
{
    public static EvaluatedPairs Of(SubwordModel subwords, IReadOnlyList<SentencePair> pairs) =>
        new([.. pairs.Select(pair => PairPack.Encode(subwords, pair))], pairs);
}
