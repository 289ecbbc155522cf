using TrainHarness.Files;
using TrainHarness.Training.Language.Data;
using TrainHarness.Training.Workloads.Translation.Data;

namespace TrainHarness.Training.Tests.Workloads.Translation;

public sealed class GeneratedLanguageTests
{
    private static readonly PairCorpus Corpus = new GeneratedPairs(1, 3000, 300, 100).Read(null);

    [Fact]
    public void A_seed_gives_the_same_pairs_everywhere()
    {
        Assert.Equal(Corpus.Sha256(), new GeneratedPairs(1, 3000, 300, 100).Read(null).Sha256());
        Assert.NotEqual(Corpus.Sha256(), new GeneratedPairs(2, 3000, 300, 100).Read(null).Sha256());
    }

    // By hand, from what other sentences have in common: "rudad zakal" is "gegeto kefomo", its adjective behind; "sikag nifoked" is
    // "vomezavt puvuk", its adverb behind; "labud gavuped nitof purer" inside a sentence is "babida dunefa fonosa fodaravt", its verb
    // last, where a sentence of its own has it in the middle. Verbs end in -t for one and in -nt for more, in -i- now and in -av- once.
    [Theory]
    [InlineData(53, "digip rudad zakal sikag nifoked nitof dimors .", "degugo gegeto kefomo vomezavt puvuk dunefe lazute .")]
    [InlineData(
        44,
        "nimor rarum tubunt nefeg nitof labud gavuped nitof purer .",
        "midapo mupapo fovifit nobob dunefa babida dunefa fonosa fodaravt ."
    )]
    [InlineData(43, "nitof robug kobaned nimor dinod .", "dunefa sokofa gupasavt midapo tikono .")]
    [InlineData(
        62,
        "digip larons levom natat nefeg nimor dimors refik digip lufez dimor .",
        "deguge verole golosint bodis nobob midape lazute deguga lazuta pazina vavurint ."
    )]
    public void Adjectives_and_adverbs_change_sides_and_the_verb_of_a_clause_inside_another_comes_last(
        int number,
        string source,
        string target
    ) => Assert.Equal(new SentencePair(source, target), new GeneratedLanguage(1).Pair(number));

    [Fact]
    public void No_source_comes_twice_in_any_split()
    {
        List<string> sources = [.. Corpus.Train.Concat(Corpus.Validation).Concat(Corpus.Test).Select(pair => pair.Source)];
        Assert.Equal((3400, 3400), (sources.Count, sources.Distinct().Count()));
    }

    [Fact]
    public void Sentences_have_five_to_twenty_five_words_and_a_hundred_and_fifty_stems_on_each_side()
    {
        foreach (var side in (Func<SentencePair, string>[])[pair => pair.Source, pair => pair.Target])
        {
            List<string[]> sentences = [.. Corpus.Train.Select(pair => side(pair).Split(' '))];
            Assert.All(sentences, words => Assert.InRange(words.Length, 5, 25));
            // A stem is its first five letters.
            var stems = sentences.SelectMany(words => words).Where(word => word != ".").Select(word => word[..5]).Distinct().Count();
            Assert.Equal(150, stems);
        }
    }

    // What makes it no mere list of words: one word of the source has several in the target, and the two differ in order.
    [Fact]
    public void A_word_of_the_source_has_endings_in_the_target_that_its_neighbours_decide()
    {
        var determiner = Corpus
            .Train.Select(pair => pair.Target.Split(' ')[0])
            .Where(word => word.Length == 6)
            .CountBy(word => word[..5])
            .MaxBy(word => word.Value)
            .Key;
        var endings = Corpus
            .Train.SelectMany(pair => pair.Target.Split(' '))
            .Where(word => word.StartsWith(determiner, StringComparison.Ordinal))
            .Select(word => word[5..])
            .Distinct()
            .Order();
        Assert.Equal(["a", "e", "i", "o"], endings);
    }

    [Fact]
    public void Every_noun_phrase_agrees()
    {
        // Determiner, noun, adjectives: all end alike where the first word is a determiner, whose stems are the three that begin sentences.
        HashSet<string> determiners = [.. Corpus.Train.Select(pair => pair.Target.Split(' ')[0][..5])];
        Assert.Equal(3, determiners.Count);
        foreach (var words in Corpus.Train.Select(pair => pair.Target.Split(' ')))
        {
            for (var place = 0; place + 1 < words.Length; place++)
            {
                if (determiners.Contains(words[place][..Math.Min(5, words[place].Length)]))
                    Assert.Equal(words[place][^1], words[place + 1][^1]);
            }
        }
    }

    [Fact]
    public void A_place_to_read_it_from_is_refused() =>
        Assert.Equal(
            "--data: generated-language is made from a seed and read from nowhere; allowed: no --data.",
            Assert.Throws<ConfigurationException>(() => new GeneratedPairs(1, 2, 1, 0).Read("somewhere")).Message
        );
}
