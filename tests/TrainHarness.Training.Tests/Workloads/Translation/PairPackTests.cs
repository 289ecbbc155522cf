using TrainHarness.Training.Language.Data;
using TrainHarness.Training.Workloads.Translation.Data;
using TrainHarness.Training.Workloads.Translation.Packs;

namespace TrainHarness.Training.Tests.Workloads.Translation;

public sealed class PairPackTests
{
    private static readonly PairCorpus Corpus = new GeneratedPairs(1, 300, 40, 40).Read(null);

    [Fact]
    public void Subwords_are_learned_from_the_training_text_alone_and_what_is_scored_is_in_the_checksum()
    {
        var pack = Pack(Corpus);
        // The letters of one stem again and again: any of it in the count would be joined first.
        IReadOnlyList<SentencePair> other = [.. Corpus.Validation.Select(pair => pair with { Source = "bababababa bababababa" })];
        foreach (var changed in (PairCorpus[])[Corpus with { Validation = other }, Corpus with { Test = other }])
        {
            var scored = Pack(changed);
            Assert.Equal(pack.Subwords.Merges, scored.Subwords.Merges);
            Assert.Equal(pack.Subwords.Vocabulary, scored.Subwords.Vocabulary);
            Assert.NotEqual(pack.Sha256, scored.Sha256);
        }

        var trained = Pack(Corpus with { Train = [.. Corpus.Train, .. other] });
        Assert.NotEqual(pack.Subwords.Merges, trained.Subwords.Merges);
    }

    private static PairPack Pack(PairCorpus corpus) => PairPackFile.Write(PairPack.Of(corpus, merges: 200, longest: 60)).Pack;
}
