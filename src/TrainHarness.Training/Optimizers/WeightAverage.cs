using TrainHarness.Training.Checkpoints;
using TrainHarness.Training.Native;
using static TorchSharp.torch;

namespace TrainHarness.Training.Optimizers;

/// <summary>
/// Exponential moving average of a network's weights and buffers: a ← δa + (1 − δ)w, with δ = min(decay, (1 + n) / (10 + n)) after n
/// updates, as TensorFlow's ExponentialMovingAverage with num_updates, without which the initial weights would weigh on it for 1 / (1 −
/// decay) steps. Counters are copied.
/// </summary>
public sealed class WeightAverage : ISavedState, IDisposable
{
    private readonly double decay;
    private readonly (Tensor Live, Tensor Average)[] values;
    private readonly (Tensor Live, Tensor Average)[] counters;
    private readonly Tensor[] lives;
    private readonly Tensor[] averages;
    private long updates;

    public WeightAverage(nn.Module network, double decay)
    {
        using var noGradient = no_grad();
        this.decay = decay;
        // One that a network has under two names is averaged, and exchanged, once.
        values =
        [
            .. network.state_dict().Values.DistinctBy(TensorAddress.Of).Select(value => (value, value.clone().DetachFromDisposeScope())),
        ];
        counters = [.. values.Where(value => !value.Average.is_floating_point())];
        lives = [.. values.Except(counters).Select(value => value.Live)];
        averages = [.. values.Except(counters).Select(value => value.Average)];
    }

    /// <summary>Takes the present weights in.</summary>
    public void Update()
    {
        using var noGradient = no_grad();
        updates++;
        var share = 1 - Math.Min(decay, (1.0 + updates) / (10.0 + updates));
        ListOperators.Average(averages, lives, share);
        foreach (var (live, average) in counters)
            average.copy_(live);
    }

    /// <summary>Exchanges the network's values with the averages; the second time it puts them back.</summary>
    public void Swap()
    {
        using var noGradient = no_grad();
        foreach (var (live, average) in values)
        {
            using var held = live.clone();
            live.copy_(average);
            average.copy_(held);
        }
    }

    /// <summary>Starts again from the present weights.</summary>
    public void Reset()
    {
        using var noGradient = no_grad();
        updates = 0;
        foreach (var (live, average) in values)
            average.copy_(live);
    }

    /// <summary>The averages by number: the live tensors, which a checkpoint saves and fills.</summary>
    public IReadOnlyDictionary<string, Tensor> State =>
        values
            .Index()
            .ToDictionary(value => value.Index.ToString(System.Globalization.CultureInfo.InvariantCulture), value => value.Item.Average);

    /// <summary>Takes the averages, filled from a checkpoint, for those of so many updates.</summary>
    public void ResumeAfter(long steps) => updates = steps;

    public void Dispose()
    {
        foreach (var (_, average) in values)
            average.Dispose();
    }
}
