using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Language.Subwords;
using TrainHarness.Training.Pricing;
using TrainHarness.Training.Workloads.Translation.Architectures;
using TrainHarness.Training.Workloads.Translation.Packs;
using TrainHarness.Training.Workloads.Translation.Scoring;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.Translation;

/// <summary>
/// Measures a network on the whole validation set: the loss with all words before given, and BLEU of what greedy search writes. The same
/// pairs stand together every time, in the order of their lengths. At the end of a trial it translates the test set once, by beam search.
/// </summary>
internal sealed class TranslationEvaluator(Translator network, PairPack pack, BleuRules rules, Device device) : ITestEvaluator
{
    private const int BatchSize = 64;

    // Each of them several times over in a search.
    private const int TestBatchSize = 16;

    private const int KeptOutputs = 10;

    private readonly EvaluatedPairs validation = pack.Validation;
    private readonly SubwordModel subwords = pack.Subwords;

    private readonly int[][] batches = [.. LengthBuckets.InOrder(pack.Validation.Pairs).Chunk(BatchSize)];

    // Each is looked at once. How many translations stand side by side follows from what the network writes: of networks that came with the
    // program each costs as much as another, and the price is that of one.
    private readonly Dictionary<Part, Macs> prices = [];
    private readonly bool isByRow = NetworkPricer.Foreign(network) is null;

    public IReadOnlyList<Metric> Metrics { get; } = TranslationMetrics.Of(rules, pack.Subwords.Vocabulary.Count);

    public EvaluationResult Evaluate()
    {
        using var noGradient = no_grad();
        network.eval();
        var (loss, words, spent) = (0.0, 0L, Macs.Zero);
        var (translations, references) = (new List<string>(), new List<string>());
        foreach (var batch in batches)
        {
            using var scope = NewDisposeScope();
            List<TokenPair> pairs = [.. batch.Select(place => validation.Pairs[place])];
            using var tensors = Tensors(pairs);
            var part = new Part(batch.Length, (int)tensors.Source.shape[1], (int)tensors.Target.shape[1], Part.WholePass);
            var logits = Priced(part, () => network.call(tensors.Source, tensors.Target), ref spent);
            var sum = TranslationObjective.Loss(logits, tensors.Wanted, smoothing: 0, nn.Reduction.Sum).cpu().to_type(ScalarType.Float64);
            loss += sum.item<double>();
            words += pairs.Sum(pair => pair.TargetLength);
            translations.AddRange(Greedy(tensors.Source, ref spent).Select(subwords.Decode));
            references.AddRange(batch.Select(place => validation.Texts[place].Target));
        }

        network.train();
        var bleu = Bleu.Of(translations, references, rules).Score;
        return new EvaluationResult(loss / words, new Dictionary<string, double> { [TranslationMetrics.Bleu] = bleu }, spent);
    }

    public TestRecord? Test()
    {
        var (pairs, texts) = pack.Test;
        if (pairs.Count == 0)
            return null;
        using var noGradient = no_grad();
        network.eval();
        var (written, spent) = (new string[pairs.Count], Macs.Zero);
        foreach (var batch in LengthBuckets.InOrder(pairs).Chunk(TestBatchSize))
        {
            using var scope = NewDisposeScope();
            using var tensors = Tensors([.. batch.Select(place => pairs[place])]);
            foreach (var (place, translation) in batch.Zip(Beam(tensors.Source, ref spent)))
                written[place] = subwords.Decode(translation);
        }

        network.train();
        List<string> references = [.. texts.Select(text => text.Target)];
        // Of somebody else's sentences none is kept, and so none that came out as one.
        HashSet<string> theirs =
        [
            .. references,
            .. pack.Validation.Texts.Select(text => text.Target),
            .. pack.Train.Select(pair => subwords.Decode(pair.Target.Select(number => (int)number))),
        ];
        var outputs = written.Where(text => !theirs.Contains(text)).Take(KeptOutputs);
        return new TestRecord(
            pairs.Count,
            TranslationMetrics.OfTest(rules),
            Bleu.Of(written, references, rules).Score,
            spent,
            [.. outputs]
        );
    }

    private PairBatch Tensors(List<TokenPair> pairs) =>
        PairBatch.Of(
            pairs,
            new BatchShape(pairs.Count, pairs.Max(pair => pair.SourceLength), pairs.Max(pair => pair.TargetLength)),
            device
        );

    private IReadOnlyList<IReadOnlyList<int>> Greedy(Tensor source, ref Macs spent)
    {
        var (rows, length, sum) = ((int)source.shape[0], (int)source.shape[1], spent);
        using var decoding = Started(source, ref sum);
        var answers = GreedySearch.Of(decoding, rows, GreedySearch.Longest(length), device, (step, computed, next) =>
            Priced(new Part(computed, length, TargetLength: 0, step), next, ref sum)
        );
        spent = sum;
        return answers;
    }

    private IReadOnlyList<IReadOnlyList<int>> Beam(Tensor source, ref Macs spent)
    {
        using var repeated = source.repeat_interleave(BeamSearch.Width, 0);
        var (rows, length, sum) = ((int)repeated.shape[0], (int)source.shape[1], spent);
        using var decoding = Started(repeated, ref sum);
        var answers = BeamSearch.Of(decoding, (int)source.shape[0], GreedySearch.Longest(length), device, (step, next) =>
            Priced(new Part(rows, length, TargetLength: 0, step), next, ref sum)
        );
        spent = sum;
        return answers;
    }

    private Decoding Started(Tensor source, ref Macs spent)
    {
        var (rows, length) = ((int)source.shape[0], (int)source.shape[1]);
        Decoding? started = null;
        Priced(
            new Part(rows, length, TargetLength: 0, Part.Start),
            () =>
            {
                started = network.Start(source, GreedySearch.Longest(length));
                return source.alias();
            },
            ref spent
        );
        return started!;
    }

    private Tensor Priced(Part part, Func<Tensor> run, ref Macs spent)
    {
        var rows = isByRow ? part.Rows : 1;
        var seen = isByRow ? part with { Rows = 1 } : part;
        if (prices.TryGetValue(seen, out var price))
        {
            spent += price * rows;
            return run();
        }

        (var answer, price) = PriceOf(run);
        if (price.Count % (UInt128)rows == 0)
            prices[seen] = new Macs(price.Count / (UInt128)rows);
        spent += price;
        return answer;
    }

    private (Tensor Answer, Macs Price) PriceOf(Func<Tensor> run)
    {
        Tensor? answer = null;
        var cost = NetworkPricer.Price(network, examples: 1, () =>
        {
            using var noGradient = no_grad();
            answer = run().MoveToOuterDisposeScope();
        });
        return (answer!, cost.Forward);
    }

    /// <summary>What is computed at one go, by all that its cost follows from.</summary>
    /// <param name="Rows">Translations side by side.</param>
    /// <param name="TargetLength">0 in a search, which goes by its steps.</param>
    /// <param name="Step">Of a search, or one of the two below.</param>
    private readonly record struct Part(int Rows, int SourceLength, int TargetLength, int Step)
    {
        public const int Start = -1;
        public const int WholePass = -2;
    }
}
