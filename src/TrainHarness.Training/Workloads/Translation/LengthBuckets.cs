using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads.Translation.Packs;

namespace TrainHarness.Training.Workloads.Translation;

/// <summary>
/// Which pairs make up which batch. Pairs in the order of their lengths are cut into buckets; every epoch mixes the pairs within each
/// bucket and takes the batches of all buckets in an order of its own. All pairs of a bucket are filled up to its longest, so that the
/// shape of a batch follows from its bucket.
/// </summary>
internal sealed class LengthBuckets
{
    // Batches of random pairs cost twice as much, most of it for padding; smaller buckets would mix less.
    private const int MinPairsOfBucket = 128;

    // Each has a shape of its own, which is priced before the clock starts.
    private const int MaxBuckets = 128;

    private readonly int seed;
    private readonly int batchSize;
    private readonly int[] byLength;
    private readonly BatchShape[] shapes;
    private readonly int[] order;
    private readonly int[] mixed;
    private long epoch = -1;

    /// <param name="seed">Of the trial.</param>
    public LengthBuckets(IReadOnlyList<TokenPair> pairs, int batchSize, int seed)
    {
        this.seed = seed;
        this.batchSize = Math.Min(batchSize, pairs.Count);
        byLength = InOrder(pairs);
        mixed = new int[byLength.Length];
        var wanted = Math.Max(MinPairsOfBucket, (pairs.Count + MaxBuckets - 1) / MaxBuckets);
        BucketSize = (wanted + this.batchSize - 1) / this.batchSize * this.batchSize;
        shapes = [.. byLength.Chunk(BucketSize).SelectMany(bucket => ShapesOf(bucket, pairs))];
        order = new int[shapes.Length];
    }

    /// <summary>Pairs of one bucket; the last has what is left.</summary>
    public int BucketSize { get; }

    public int StepsPerEpoch => shapes.Length;

    /// <summary>Each shape once, that of the middle of the lengths first.</summary>
    public IReadOnlyList<BatchShape> Shapes => [.. shapes.Skip(shapes.Length / 2).Where(IsFull).Concat(shapes).Distinct()];

    public BatchShape ShapeAt(long step) => shapes[BatchAt(step)];

    /// <summary>The pairs of a step.</summary>
    public int[] PairsAt(long step)
    {
        var batch = BatchAt(step);
        return mixed.AsSpan(batch * batchSize, shapes[batch].Examples).ToArray();
    }

    /// <summary>Part of all positions of an epoch, of sources and targets, that is padding.</summary>
    public static double PaddingShare(IReadOnlyList<TokenPair> pairs, int batchSize)
    {
        var positions = new LengthBuckets(pairs, batchSize, seed: 0).shapes.Sum(shape =>
            (long)shape.Examples * (shape.Lengths[0] + shape.Lengths[1])
        );
        return 1 - ((double)pairs.Sum(pair => (long)pair.SourceLength + pair.TargetLength) / positions);
    }

    /// <summary>
    /// Places of pairs by length of the source, and within one length by length of the target: up and down in turns, so that neighbours
    /// differ little where one length goes over into the next.
    /// </summary>
    public static int[] InOrder(IReadOnlyList<TokenPair> pairs) =>
        [
            .. Enumerable
                .Range(0, pairs.Count)
                .OrderBy(place => pairs[place].SourceLength)
                .ThenBy(place => pairs[place].SourceLength % 2 == 0 ? pairs[place].TargetLength : -pairs[place].TargetLength)
                .ThenBy(place => place),
        ];

    private bool IsFull(BatchShape shape) => shape.Examples == batchSize;

    private IEnumerable<BatchShape> ShapesOf(int[] bucket, IReadOnlyList<TokenPair> pairs)
    {
        var (sources, targets) = (bucket.Max(place => pairs[place].SourceLength), bucket.Max(place => pairs[place].TargetLength));
        return bucket.Chunk(batchSize).Select(batch => new BatchShape(batch.Length, sources, targets));
    }

    /// <returns>Number of the batch in the order of lengths.</returns>
    private int BatchAt(long step)
    {
        if (step / StepsPerEpoch is var wanted && wanted != epoch)
            Mix(wanted);
        return order[step % StepsPerEpoch];
    }

    private void Mix(long wanted)
    {
        byLength.CopyTo(mixed, 0);
        for (var first = 0; first < mixed.Length; first += BucketSize)
            Seeds
                .Generator(seed, "bucket", (wanted << 24) + (first / BucketSize))
                .Shuffle(mixed.AsSpan(first, Math.Min(BucketSize, mixed.Length - first)));
        for (var batch = 0; batch < order.Length; batch++)
            order[batch] = batch;
        Seeds.Generator(seed, "order", wanted).Shuffle(order);
        epoch = wanted;
    }
}
