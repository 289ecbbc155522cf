using TrainHarness.Protocol;

namespace TrainHarness.Training.Engine;

/// <summary>
/// Which examples make up which batch: every epoch visits every example once (but for a last batch of one), in an order of its own.
/// </summary>
public sealed class EpochOrder
{
    private readonly int seed;
    private readonly int[] order;
    private long epoch = -1;

    /// <param name="seed">Of the trial.</param>
    /// <param name="examples">In the training set.</param>
    public EpochOrder(int seed, int examples, int batchSize)
    {
        this.seed = seed;
        BatchSize = Math.Min(batchSize, examples);
        order = new int[examples];
        // Batch normalisation cannot train on a single example: a last batch of one is left out.
        StepsPerEpoch = (examples / BatchSize) + (examples % BatchSize > 1 ? 1 : 0);
    }

    public int BatchSize { get; }

    public int StepsPerEpoch { get; }

    /// <summary>Sizes of the batches that occur: the full one, and the last of an epoch where it is smaller.</summary>
    public IEnumerable<int> BatchSizes =>
        StepsPerEpoch * BatchSize == order.Length || order.Length % BatchSize <= 1 ? [BatchSize] : [BatchSize, order.Length % BatchSize];

    /// <summary>Examples that an epoch visits.</summary>
    public int ExamplesPerEpoch => order.Length % BatchSize == 1 && BatchSize > 1 ? order.Length - 1 : order.Length;

    /// <summary>Examples in the batch of a step.</summary>
    public int BatchSizeAt(long step) => Math.Min(BatchSize, order.Length - ((int)(step % StepsPerEpoch) * BatchSize));

    /// <summary>Indices of the examples of a step. The span is valid until the next call.</summary>
    public ReadOnlySpan<int> Batch(long step)
    {
        var wanted = step / StepsPerEpoch;
        if (wanted != epoch)
            Shuffle(wanted);
        var start = (int)(step % StepsPerEpoch) * BatchSize;
        return order.AsSpan(start, BatchSizeAt(step));
    }

    /// <summary>
    /// Indices of the examples of every step from <paramref name="first"/> up to <paramref name="end"/>, which is left out.
    /// </summary>
    public IEnumerable<int[]> Batches(long first, long end)
    {
        for (var step = first; step < end; step++)
            yield return Batch(step).ToArray();
    }

    private void Shuffle(long wanted)
    {
        for (var index = 0; index < order.Length; index++)
            order[index] = index;
        Seeds.Generator(seed, "order", wanted).Shuffle(order);
        epoch = wanted;
    }
}
