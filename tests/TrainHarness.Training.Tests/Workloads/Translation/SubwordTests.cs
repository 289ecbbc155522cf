using TrainHarness.Files;
using TrainHarness.Training.Language.Data;
using TrainHarness.Training.Language.Subwords;

namespace TrainHarness.Training.Tests.Workloads.Translation;

public sealed class SubwordTests
{
    // Sennrich et al. 2016, algorithm 1: low 5 times, lower 2, newest 6, widest 3. The paper joins e s first; of es and st, which come nine
    // times each, the later in the order of letters, st, comes first here as in subword-nmt.
    private static readonly string[] Text =
    [
        "low low low low low lower lower",
        "newest newest newest newest newest newest widest widest widest",
    ];

    [Fact]
    public void Pairs_are_joined_by_how_often_they_come_and_of_equals_the_later_one()
    {
        var model = SubwordModel.Of(Text, 5);
        // By hand. es and st</w>: 9 each; then e + st</w>: 9; w before e: 2 + 6 = 8; l o: 7; n e: 6 and o w</w> ... are behind.
        Assert.Equal([("s", "t</w>"), ("e", "st</w>"), ("l", "o"), ("w", "est</w>"), ("n", "e")], model.Merges);
    }

    [Fact]
    public void A_sentence_that_was_put_into_numbers_reads_as_before()
    {
        var model = SubwordModel.Of(Text, 6);
        Assert.Equal("lower newest widest", model.Decode(model.Encode("  lower newest\twidest ")));
        Assert.Equal(["lo", "west</w>"], model.Encode("lowest").Select(number => model.Vocabulary[number]));
    }

    [Fact]
    public void Padding_begin_and_end_are_no_words_and_a_letter_nobody_has_seen_is_said_to_be_unknown()
    {
        var model = SubwordModel.Of(Text, 5);
        Assert.Equal(["<pad>", "<s>", "</s>", "<unk>"], model.Vocabulary.Take(4));
        Assert.Contains(SubwordModel.Unknown, model.Encode("lox"));
        Assert.Equal("low", model.Decode([SubwordModel.Begin, .. model.Encode("low"), SubwordModel.End, SubwordModel.Padding]));
    }

    [Fact]
    public void The_vocabulary_is_every_letter_and_all_that_is_joined_the_most_frequent_first()
    {
        // Alone in the text stand ab</w> three times and b</w> once; a is always joined.
        Assert.Equal(["ab</w>", "b</w>", "a"], SubwordModel.Of(["ab ab ab b"], 1).Vocabulary.Skip(4));
        var model = SubwordModel.Of(["a a a b b c"], merges: 0);
        Assert.Equal(["a</w>", "b</w>", "c</w>"], model.Vocabulary.Skip(4));
    }

    [Fact]
    public void More_merges_than_the_text_gives_are_refused_with_how_many_it_gives()
    {
        var error = Assert.Throws<ConfigurationException>(() => SubwordModel.Of(["ab ab ab"], 10));
        Assert.Equal("merges: 10 are more than the training text gives; allowed: at most 1.", error.Message);
    }

    [Fact]
    public void A_letter_outside_the_basic_plane_is_one()
    {
        var model = SubwordModel.Of(["\U0001D11E\U0001D11E \U0001D11E\U0001D11E"], 1);
        Assert.Equal(("\U0001D11E", "\U0001D11E</w>"), Assert.Single(model.Merges));
    }

    // The same text in another order gives the same model: whatever a dictionary's order is, it decides nothing.
    [Fact]
    public void The_order_of_sentences_decides_nothing()
    {
        var language = new GeneratedLanguage(3);
        List<string> sentences =
        [
            .. Enumerable.Range(0, 300).Select(language.Pair).SelectMany(pair => (string[])[pair.Source, pair.Target]),
        ];
        var (forward, backward) = (SubwordModel.Of(sentences, 200), SubwordModel.Of(Enumerable.Reverse(sentences), 200));
        Assert.Equal(forward.Merges, backward.Merges);
        Assert.Equal(forward.Vocabulary, backward.Vocabulary);
    }

    /// <summary>Without any index: counts all pairs anew for every merge.</summary>
    [Fact]
    public void Merges_are_those_of_counting_everything_anew_each_time()
    {
        var language = new GeneratedLanguage(5);
        List<string> sentences = [.. Enumerable.Range(0, 60).Select(language.Pair).Select(pair => pair.Target)];
        Assert.Equal(Plainly(sentences, 120), SubwordModel.Of(sentences, 120).Merges);
    }

    private static List<(string, string)> Plainly(IEnumerable<string> sentences, int wanted)
    {
        List<List<string>> words =
        [
            .. sentences
                .SelectMany(sentence => sentence.Split(' '))
                .Select(word => word[..^1].Select(letter => letter.ToString()).Append(word[^1] + "</w>").ToList()),
        ];
        var merges = new List<(string, string)>();
        while (merges.Count < wanted)
        {
            var best = words
                .SelectMany(word => word.Zip(word.Skip(1)))
                .CountBy(pair => pair)
                .OrderByDescending(pair => pair.Value)
                .ThenByDescending(pair => pair.Key.First, StringComparer.Ordinal)
                .ThenByDescending(pair => pair.Key.Second, StringComparer.Ordinal)
                .First()
                .Key;
            merges.Add(best);
            foreach (var word in words)
            {
                for (var place = 0; place + 1 < word.Count; place++)
                {
                    if ((word[place], word[place + 1]) != best)
                        continue;
                    word[place] += word[place + 1];
                    word.RemoveAt(place + 1);
                }
            }
        }

        return merges;
    }
}
