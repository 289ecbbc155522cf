using TrainHarness.Training.Language.Subwords;
using TrainHarness.Training.Workloads.Translation;
using TrainHarness.Training.Workloads.Translation.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Workloads.Translation;

public sealed class BeamSearchTests
{
    private const int Vocabulary = 9;

    // By hand: "4" is the likelier first word (0.6), but what follows it is not sure; "5" (0.4) ends at once. The mean logarithm of 5, end
    // is (ln 0.4 + ln 0.99) / 2 = -0.463; of 4, 6, end (ln 0.6 + ln 0.3 + ln 0.9) / 3 = -0.607; and 4, end has (ln 0.6 + ln 0.1) / 2 =
    // -1.407.
    [Fact]
    public void A_beginning_that_is_less_likely_at_first_may_end_as_the_best_translation()
    {
        var chain = new Chain(
            (SubwordModel.Begin, 4, 0.6),
            (SubwordModel.Begin, 5, 0.4),
            (4, 6, 0.3),
            (4, 7, 0.3),
            (4, 8, 0.3),
            (4, SubwordModel.End, 0.1),
            (5, SubwordModel.End, 0.99),
            (5, 6, 0.01),
            (6, SubwordModel.End, 0.9),
            (6, 6, 0.1),
            (7, 7, 1),
            (8, 8, 1)
        );
        Assert.Equal([5], Assert.Single(Search(chain, examples: 1, longest: 10)));
        var greedy = GreedySearch.Of(new Chained(chain, 1), examples: 1, longest: 10, CPU, (_, _, next) => next());
        Assert.Equal([4, 6], Assert.Single(greedy));
    }

    // Every sequence of at most five words, tried one after the other: a search as wide as there are beginnings misses none.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void With_few_words_it_finds_what_a_search_of_all_translations_finds(int seed)
    {
        var random = new Random(seed);
        var chain = new Chain([
            .. ((int[])[SubwordModel.Begin, 4, 5]).SelectMany(from =>
            {
                double[] weights = [random.NextDouble(), random.NextDouble(), 3 * random.NextDouble()];
                return ((int[])[4, 5, SubwordModel.End]).Zip(weights, (to, weight) => (from, to, weight / weights.Sum()));
            }),
        ]);
        var best = All(chain, length: 3).MaxBy(translation => translation.Score).Words;
        Assert.Equal(best, Search(chain, examples: 1, longest: 3)[0]);
    }

    [Fact]
    public void Translations_side_by_side_do_not_touch_each_other_and_one_that_never_ends_is_cut()
    {
        var chain = new Chain((SubwordModel.Begin, 4, 1), (4, 4, 1));
        Assert.All(Search(chain, examples: 3, longest: 6), translation => Assert.Equal([4, 4, 4, 4, 4, 4], translation));
    }

    private static IReadOnlyList<IReadOnlyList<int>> Search(Chain chain, int examples, int longest) =>
        BeamSearch.Of(new Chained(chain, examples * BeamSearch.Width), examples, longest, CPU, (_, next) => next());

    private static IEnumerable<(IReadOnlyList<int> Words, double Score)> All(Chain chain, int length)
    {
        var open = new Queue<(List<int> Words, double Sum)>([([], 0)]);
        while (open.TryDequeue(out var one))
        {
            var last = one.Words.Count == 0 ? SubwordModel.Begin : one.Words[^1];
            yield return (one.Words, (one.Sum + Math.Log(chain[last, SubwordModel.End])) / (one.Words.Count + 1));
            foreach (var word in one.Words.Count + 1 < length ? (int[])[4, 5] : [])
                open.Enqueue(([.. one.Words, word], one.Sum + Math.Log(chain[last, word])));
        }
    }

    /// <summary>The next word depends on the one before alone.</summary>
    private sealed class Chain(params IEnumerable<(int From, int To, double Probability)> steps)
    {
        private readonly Dictionary<(int, int), double> probabilities = steps.ToDictionary(
            step => (step.From, step.To),
            step => step.Probability
        );

        public double this[int from, int to] => probabilities.GetValueOrDefault((from, to), 1e-9);
    }

    private sealed class Chained(Chain chain, int rows) : Decoding
    {
        public override Tensor Next(Tensor words)
        {
            var last = words.data<long>().ToArray();
            Assert.Equal(rows, last.Length);
            return tensor([.. last.SelectMany(word => Enumerable.Range(0, Vocabulary).Select(to => (float)Math.Log(chain[(int)word, to])))])
                .view(last.Length, Vocabulary);
        }

        public override void Keep(Tensor kept) => Assert.Equal(rows, kept.shape[0]);

        public override void Dispose()
        {
            // Nothing is held.
        }
    }
}
