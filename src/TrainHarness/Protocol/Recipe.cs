using System.Text.Json.Serialization;
using TrainHarness.Compute;

namespace TrainHarness.Protocol;

/// <summary>Everything but the architecture that decides a training run. Complete: nothing has a hidden default, and what is null is off.</summary>
public sealed record Recipe
{
    public required string Name { get; init; }

    public required int Epochs { get; init; }

    public required int BatchSize { get; init; }

    public required OptimizerRule Optimizer { get; init; }

    /// <summary>For architectures without batch normalisation, which need a smaller learning rate and a better start.</summary>
    public required StartRule Plain { get; init; }

    public required StartRule BatchNormalised { get; init; }

    public required LearningRateSchedule Schedule { get; init; }

    /// <summary>Epochs over which the rate rises linearly from zero, before the schedule's factor applies in full.</summary>
    public required double WarmUpEpochs { get; init; }

    /// <summary>Of images; null for another workload.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? LabelSmoothing { get; init; }

    /// <summary>Of images; null for another workload.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AugmentationRule? Augmentation { get; init; }

    public required Precision Precision { get; init; }

    /// <summary>Changes how long a step takes, not what it computes but for rounding.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public MemoryFormat MemoryFormat { get; init; }

    /// <summary>Longest gradient, over all parameters together, that an update follows in full; a longer one is scaled down to it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? GradientClip { get; init; }

    /// <summary>Of the exponential moving average of weights and buffers, which evaluations then use.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? AverageDecay { get; init; }

    /// <summary>Probability that the last residual branch is dropped for an example (arXiv:1603.09382); null leaves the architecture's own.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? DropPath { get; init; }

    /// <summary>Share of each auxiliary head's loss; null builds the network without them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? AuxiliaryLossWeight { get; init; }

    /// <summary>The keys of another workload, as they are written; null where it has none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Own { get; init; }

    /// <summary>The same over fewer or more epochs: the whole schedule in them, after as many epochs of warm-up.</summary>
    public Recipe Over(int epochs) => this with { Epochs = epochs, Schedule = Schedule.Over(epochs) };

    public StartRule StartFor(bool hasBatchNormalisation) => hasBatchNormalisation ? BatchNormalised : Plain;

    /// <summary>The learning rate after a part of the schedule.</summary>
    /// <param name="start">The architecture's own rule.</param>
    /// <param name="progress">From 0 to 1.</param>
    public double LearningRateAt(StartRule start, double progress)
    {
        var warmUp = WarmUpEpochs > 0 ? Math.Min(1, progress * Epochs / WarmUpEpochs) : 1;
        return start.LearningRate * warmUp * Schedule.At(progress);
    }
}

/// <summary>How a kind of network starts: its peak learning rate and its initial weights.</summary>
public sealed record StartRule
{
    public required double LearningRate { get; init; }

    public required InitialWeights Initialisation { get; init; }
}

/// <summary>Where initial weights come from.</summary>
public enum InitialWeights
{
    /// <summary>As torchvision builds the network.</summary>
    Torchvision,

    /// <summary>Normal with variance 2 / fan-in, zero biases, the last layer N(0, 0.01) (arXiv:1502.01852).</summary>
    He,
}

/// <summary>In what order images and convolution weights lie in memory.</summary>
public enum MemoryFormat
{
    /// <summary>N×C×H×W.</summary>
    Contiguous,

    /// <summary>N×H×W×C.</summary>
    ChannelsLast,
}
