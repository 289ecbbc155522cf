using TorchSharp;
using TrainHarness.Compute;
using TrainHarness.Protocol;
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
/// pairs stand together every time, in the order of their lengths.
/// </summary>
internal sealed class TranslationEvaluator(
    Translator network,
    EvaluatedPairs validation,
    SubwordModel subwords,
    BleuRules rules,
    Device device
) : IEvaluator
{
    private const int BatchSize = 64;

    private readonly int[][] batches = [.. LengthBuckets.InOrder(validation.Pairs).Chunk(BatchSize)];

    // What a part of an evaluation costs is the same every time; it is looked at once. By batch, and by step, or -1 and -2 for what is no
    // step.
    private readonly Dictionary<(int Batch, int Step), Macs> prices = [];

    public IReadOnlyList<Metric> Metrics { get; } = TranslationMetrics.Of(rules, subwords.Vocabulary.Count);

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
            var logits = Priced(number, -2, () => network.call(tensors.Source, tensors.Target), ref spent);
            loss += TranslationObjective.Loss(logits, tensors.Wanted, smoothing: 0, nn.Reduction.Sum).ToDouble();
            words += pairs.Sum(pair => pair.TargetLength);
            translations.AddRange(Translate(number, tensors.Source, ref spent).Select(subwords.Decode));
            references.AddRange(batch.Select(place => validation.Texts[place].Target));
        }

        network.train();
        var bleu = Bleu.Of(translations, references, rules).Score;
        return new EvaluationResult(loss / words, new Dictionary<string, double> { [TranslationMetrics.Bleu] = bleu }, spent);
    }

    private IReadOnlyList<IReadOnlyList<int>> Translate(int batch, Tensor source, ref Macs spent)
    {
        var longest = GreedySearch.Longest((int)source.shape[1]);
        Decoding? started = null;
        Priced(
            batch,
            -1,
            () =>
            {
                started = network.Start(source, longest);
                return source.alias();
            },
            ref spent
        );
        using var decoding = started!;
        var sum = spent;
        var answers = GreedySearch.Of(decoding, (int)source.shape[0], longest, device, (step, next) => Priced(batch, step, next, ref sum));
        spent = sum;
        return answers;
    }

    private Tensor Priced(int batch, int step, Func<Tensor> run, ref Macs spent)
    {
        if (!prices.TryGetValue((batch, step), out var price))
        {
            Tensor? answer = null;
            price = prices[(batch, step)] = NetworkPricer
                .Price(network, examples: 1, () =>
                {
                    using var noGradient = no_grad();
                    answer = run().MoveToOuterDisposeScope();
                })
                .Forward;
            spent += price;
            return answer!;
        }

        spent += price;
        return run();
    }
}
