using TorchSharp;
using TrainHarness.Training.Language.Subwords;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Workloads.Translation;
using TrainHarness.Training.Workloads.Translation.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Workloads.Translation;

public sealed class GreedySearchTests
{
    private const int Vocabulary = 37;

    // Eight translations of 0, 1, … 7 words: four are left at the fourth step, two at the sixth, one at the seventh.
    [Fact]
    public void Once_half_of_the_translations_are_done_the_others_alone_are_computed()
    {
        var computed = new List<int>();
        var answers = GreedySearch.Of(new Counting(examples: 8), examples: 8, longest: 20, CPU, (_, rows, next) =>
        {
            computed.Add(rows);
            return next();
        });
        Assert.Equal(Enumerable.Range(0, 8), answers.Select(answer => answer.Count));
        Assert.All(answers.Index(), answer => Assert.All(answer.Item, word => Assert.Equal(10 + answer.Index, word)));
        Assert.Equal([8, 8, 8, 8, 4, 4, 2, 1], computed);
    }

    [Theory]
    [MemberData(nameof(TranslatorTests.Families), MemberType = typeof(TranslatorTests))]
    public void A_translation_is_the_same_among_others_and_alone(string name)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = SmallTranslators.ByName(name).BuildFrom(1, new TranslatorOptions(Vocabulary, Dropout: 0), CPU);
        network.eval();
        // As it starts it says the same whatever it reads.
        using Scalar larger = 4;
        foreach (var weight in network.parameters().Where(parameter => parameter.dim() > 1))
            weight.mul_(larger);
        var random = new Random(1);
        var sources = tensor([.. Enumerable.Range(0, 16 * 9).Select(_ => (long)random.Next(4, Vocabulary))]).view(16, 9);
        var computed = new List<int>();
        var together = Translations(network, sources, computed);
        Assert.InRange(computed[^1], 1, 8);
        Assert.Equal(together, Enumerable.Range(0, 16).SelectMany(row => Translations(network, sources.narrow(0, row, 1), [])));
    }

    private static IReadOnlyList<IReadOnlyList<int>> Translations(Translator network, Tensor sources, List<int> computed)
    {
        using var decoding = new Ending(network.Start(sources, longest: 20));
        return GreedySearch.Of(decoding, (int)sources.shape[0], longest: 20, CPU, (_, rows, next) =>
        {
            computed.Add(rows);
            return next();
        });
    }

    /// <summary>Some words end a translation.</summary>
    private sealed class Ending(Decoding decoding) : Decoding
    {
        public override Tensor Next(Tensor words)
        {
            using Scalar more = 0.001;
            var logits = decoding.Next(words);
            logits.select(1, SubwordModel.End).copy_(logits.narrow(1, 4, 20).amax([1]).Plus(more));
            return logits;
        }

        public override void Keep(Tensor rows) => decoding.Keep(rows);

        public override void Dispose() => decoding.Dispose();
    }

    /// <summary>Translation i says i times the word 10 + i, then ends; what it is told it said must be that.</summary>
    private sealed class Counting(int examples) : Decoding
    {
        private long[] rows = [.. Enumerable.Range(0, examples).Select(row => (long)row)];
        private int step;

        public override Tensor Next(Tensor words)
        {
            Assert.Equal(
                rows.Select(row =>
                    step == 0 ? SubwordModel.Begin
                    : step <= row ? 10 + row
                    : SubwordModel.End
                ),
                words.data<long>()
            );
            long[] next = [.. rows.Select(row => step < row ? 10 + row : SubwordModel.End)];
            step++;
            return nn.functional.one_hot(tensor(next), Vocabulary).to_type(ScalarType.Float32);
        }

        public override void Keep(Tensor kept) => rows = [.. kept.data<long>().Select(place => rows[place])];

        public override void Dispose()
        {
            // Nothing is held.
        }
    }
}
