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

    // What a part of an evaluation costs is the same every time; it is looked at once. By batch, by step, or -1 and -2 for what is no step,
    // and by the translations that are not done.
    private readonly Dictionary<(int Batch, int Step, int Rows), Macs> prices = [];

    public IReadOnlyList<Metric> Metrics { get; } = TranslationMetrics.Of(rules, pack.Subwords.Vocabulary.Count);

    public EvaluationResult Evaluate()
    {
        using var noGradient = no_grad();
        network.eval();
        var (loss, words, spent) = (0.0, 0L, Macs.Zero);
        var (translations, references) = (new List<string>(), new List<string>());
        foreach (var (number, batch) in batches.Index())
        {
            using var scope = NewDisposeScope();
            List<TokenPair> pairs = [.. batch.Select(place => validation.Pairs[place])];
            var shape = new BatchShape(batch.Length, pairs.Max(pair => pair.SourceLength), pairs.Max(pair => pair.TargetLength));
            using var tensors = PairBatch.Of(pairs, shape, device);
            var logits = Priced(number, -2, batch.Length, () => network.call(tensors.Source, tensors.Target), ref spent);
            var sum = TranslationObjective.Loss(logits, tensors.Wanted, smoothing: 0, nn.Reduction.Sum).cpu().to_type(ScalarType.Float64);
            loss += sum.item<double>();
            words += pairs.Sum(pair => pair.TargetLength);
            translations.AddRange(Translate(number, tensors.Source, ref spent).Select(subwords.Decode));
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
            foreach (var (place, translation) in batch.Zip(Searched([.. batch.Select(place => pairs[place])], ref spent)))
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

    private IReadOnlyList<IReadOnlyList<int>> Searched(List<TokenPair> pairs, ref Macs spent)
    {
        var shape = new BatchShape(pairs.Count, pairs.Max(pair => pair.SourceLength), pairs.Max(pair => pair.TargetLength));
        using var tensors = PairBatch.Of(pairs, shape, device);
        var (longest, sum) = (GreedySearch.Longest(shape.Lengths[0]), spent);
        Decoding? started = null;
        Counted(() =>
        {
            var source = tensors.Source.repeat_interleave(BeamSearch.Width, 0);
            started = network.Start(source, longest);
            return source;
        });
        using var decoding = started!;
        var answers = BeamSearch.Of(decoding, pairs.Count, longest, device, (_, next) => Counted(next));
        spent = sum;
        return answers;

        Tensor Counted(Func<Tensor> run)
        {
            var (answer, price) = PriceOf(run);
            sum += price;
            return answer;
        }
    }

    private IReadOnlyList<IReadOnlyList<int>> Translate(int batch, Tensor source, ref Macs spent)
    {
        var longest = GreedySearch.Longest((int)source.shape[1]);
        Decoding? started = null;
        Priced(
            batch,
            -1,
            (int)source.shape[0],
            () =>
            {
                started = network.Start(source, longest);
                return source.alias();
            },
            ref spent
        );
        using var decoding = started!;
        var sum = spent;
        var answers = GreedySearch.Of(decoding, (int)source.shape[0], longest, device, (step, rows, next) =>
            Priced(batch, step, rows, next, ref sum)
        );
        spent = sum;
        return answers;
    }

    private Tensor Priced(int batch, int step, int rows, Func<Tensor> run, ref Macs spent)
    {
        if (prices.TryGetValue((batch, step, rows), out var price))
        {
            spent += price;
            return run();
        }

        (var answer, prices[(batch, step, rows)]) = PriceOf(run);
        spent += prices[(batch, step, rows)];
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
}
