using TrainHarness.Compute;
using TrainHarness.Protocol;

namespace TrainHarness.GpuCheck.Comparison;

/// <summary>What the timed steps are taken with, but for precision, memory format and batch.</summary>
internal static class TimedTraining
{
    public static Recipe Recipe { get; } =
        new()
        {
            Name = "comparison",
            Epochs = 1,
            BatchSize = 32,
            Optimizer = new SgdRule
            {
                Momentum = 0.9,
                Nesterov = false,
                WeightDecay = 1e-4,
            },
            Plain = new StartRule { LearningRate = 0, Initialisation = InitialWeights.Torchvision },
            BatchNormalised = new StartRule { LearningRate = 0, Initialisation = InitialWeights.Torchvision },
            Schedule = new CosineSchedule(),
            WarmUpEpochs = 0,
            LabelSmoothing = 0,
            Augmentation = new AugmentationRule
            {
                CropScale = [0.25, 1],
                CropRatio = [0.75, 4 / 3.0],
                Flip = 0.5,
            },
            Precision = Precision.Fp32,
        };

    public static DatasetDescription Dataset { get; } =
        new()
        {
            Name = "noise",
            Kind = DatasetKind.Synthetic,
            Path = null,
            Mean = [0.5, 0.5, 0.5],
            StandardDeviation = [0.25, 0.25, 0.25],
            Synthetic = null,
        };
}
