using TrainHarness.Training.Engine;
using TrainHarness.Training.Language.Subwords;
using TrainHarness.Training.Workloads.Translation.Packs;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.Translation;

/// <summary>The training pairs, epoch by epoch.</summary>
internal sealed class PairBatches(IReadOnlyList<TokenPair> pairs, LengthBuckets buckets, int epochs, int vocabulary, Device device)
    : IBatchSource,
        IBatchShapes,
        IForeseeable
{
    public long Steps { get; } = (long)buckets.StepsPerEpoch * epochs;

    public IReadOnlyList<BatchShape> All { get; } = buckets.Shapes;

    public BatchShape ShapeAt(long taken) => buckets.ShapeAt(taken);

    public IEnumerable<IBatch> From(long first)
    {
        for (var step = first; step < Steps; step++)
            yield return PairBatch.Of([.. buckets.PairsAt(step).Select(place => pairs[place])], buckets.ShapeAt(step), device);
    }

    // Drawn words, and no padding.
    public IBatch Blank(BatchShape shape) =>
        new PairBatch(
            Drawn(shape.Examples, shape.Lengths[0]),
            Drawn(shape.Examples, shape.Lengths[1]),
            Drawn(shape.Examples, shape.Lengths[1])
        );

    private Tensor Drawn(int examples, int length) =>
        randint(
            SubwordModel.Unknown,
            Math.Max(vocabulary, SubwordModel.Unknown + 1),
            [examples, length],
            dtype: ScalarType.Int64,
            device: device
        );
}
