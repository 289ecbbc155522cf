namespace TrainHarness.Protocol;

/// <summary>Everything but the architecture that decides a training run. Complete: nothing has a hidden default.</summary>
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

    public required double LabelSmoothing { get; init; }

    public required AugmentationRule Augmentation { get; init; }

    public required Precision Precision { get; init; }

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

/// <summary>Stochastic gradient descent with momentum; weight decay is added to the gradient.</summary>
public sealed record OptimizerRule
{
    public required double Momentum { get; init; }

    public required bool Nesterov { get; init; }

    public required double WeightDecay { get; init; }
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

/// <summary>Random resized crop and horizontal flip (arXiv:1409.4842, section 6).</summary>
public sealed record AugmentationRule
{
    /// <summary>Least and most part of the area that a crop keeps.</summary>
    public required IReadOnlyList<double> CropScale { get; init; }

    /// <summary>Least and most ratio of a crop's width to its height.</summary>
    public required IReadOnlyList<double> CropRatio { get; init; }

    /// <summary>Probability of a mirrored example.</summary>
    public required double Flip { get; init; }
}

/// <summary>Number format of the training arithmetic.</summary>
public enum Precision
{
    Fp32,
}
