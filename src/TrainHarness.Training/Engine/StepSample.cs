using TrainHarness.Protocol;
using TrainHarness.Training.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Training.Engine;

/// <summary>One look at what a network takes on a device, on random pixels.</summary>
/// <param name="Step">A whole step of the recipe's batch, the shorter one of two.</param>
/// <param name="Evaluation">The forward pass of a batch of <see cref="EvaluatedExamples"/>.</param>
public sealed record StepSample(TimedWork Step, TimedWork Evaluation)
{
    public const int EvaluatedExamples = Evaluator.BatchSize;

    /// <summary>Builds the network, warms it up, measures it, and lets it go: many large ones would not fit beside each other.</summary>
    /// <param name="classes">Number of classes of the dataset.</param>
    public static StepSample Of(Study study, Entry entry, int classes, Device device)
    {
        ComputeDevice.Set(study, entry.Recipe.Precision);
        var architecture = ArchitectureCatalog.ByName(entry.Architecture);
        using var scope = NewDisposeScope();
        using var network = TrainedNetwork.Build(architecture, entry, study.Seeds[0], classes, study.ImageSize, device);
        using var optimizer = Optimizer.For(entry.Recipe.Optimizer, network.parameters());
        using var average = entry.Recipe.AverageDecay is { } decay ? new WeightAverage(network, decay) : null;
        using var augmentation = new Augmentation(entry.Recipe.Augmentation, study.Dataset, device);
        var step = new TrainingStep(network, optimizer, average, augmentation, entry.Recipe, study.ImageSize);
        using var pixels = RandomPixels(entry.Recipe.BatchSize, study.PackSize, device);
        using var labels = zeros(entry.Recipe.BatchSize, dtype: ScalarType.Int64, device: device);
        var random = new Random(1);
        // A rate of zero: random pixels with one label must not drive the weights to where arithmetic is slow.
        void Train() => step.Run(pixels, labels, random, learningRate: 0).Dispose();
        Train();
        var (first, second) = (TimedWork.Of(device, Train), TimedWork.Of(device, Train));
        network.eval();
        using var noGradient = no_grad();
        using var unseen = RandomPixels(EvaluatedExamples, study.PackSize, device);
        void Evaluate()
        {
            using var inner = NewDisposeScope();
            ForwardPass.Of(network, augmentation.ForEvaluation(unseen, study.ImageSize), entry.Recipe);
        }

        Evaluate();
        return new StepSample(first.Seconds < second.Seconds ? first : second, TimedWork.Of(device, Evaluate));
    }

    private static Tensor RandomPixels(int examples, int side, Device device) =>
        randint(0, 256, [examples, 3, side, side], dtype: ScalarType.Byte, device: device);
}
