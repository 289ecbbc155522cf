using System.Diagnostics;
using TrainHarness.Protocol;
using TrainHarness.Training.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Training.Engine;

/// <summary>How long one step and one evaluated example take on a device, measured on random pixels.</summary>
/// <param name="SecondsPerStep">Median over a few whole steps of the recipe's batch.</param>
/// <param name="SecondsPerEvaluatedExample">Median over a few forward passes of an evaluation batch, per example.</param>
public sealed record StepMeasurement(double SecondsPerStep, double SecondsPerEvaluatedExample)
{
    private const int WarmUps = 1;
    private const int Repetitions = 3;

    /// <param name="classes">Number of classes of the dataset.</param>
    public static StepMeasurement Of(Study study, Entry entry, int classes, Device device)
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
        var training = Median(device, () => step.Run(pixels, labels, random, learningRate: 0).Dispose());
        network.eval();
        using var noGradient = no_grad();
        using var unseen = RandomPixels(Evaluator.BatchSize, study.PackSize, device);
        var evaluation = Median(device, () =>
        {
            using var inner = NewDisposeScope();
            ForwardPass.Of(network, augmentation.ForEvaluation(unseen, study.ImageSize), entry.Recipe);
        });
        return new StepMeasurement(training, evaluation / Evaluator.BatchSize);
    }

    private static Tensor RandomPixels(int examples, int side, Device device) =>
        randint(0, 256, [examples, 3, side, side], dtype: ScalarType.Byte, device: device);

    private static double Median(Device device, Action action)
    {
        var seconds = new List<double>();
        for (var repetition = 0; repetition < WarmUps + Repetitions; repetition++)
        {
            ComputeDevice.Synchronize(device);
            var clock = Stopwatch.StartNew();
            action();
            ComputeDevice.Synchronize(device);
            seconds.Add(clock.Elapsed.TotalSeconds);
        }

        return seconds.Skip(WarmUps).Order().ElementAt(Repetitions / 2);
    }
}
