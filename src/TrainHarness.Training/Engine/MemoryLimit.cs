using TrainHarness.Protocol;
using TrainHarness.Training.Data;
using TrainHarness.Training.Native.Bindings;
using static TorchSharp.torch;

namespace TrainHarness.Training.Engine;

/// <summary>What to say where the memory of a device does not suffice.</summary>
internal static class MemoryLimit
{
    // The words of libtorch's allocators, of NVIDIA's libraries, and of the bindings where libtorch gives no words.
    private static readonly string[] Words = ["out of memory", "can't allocate memory", "not enough memory", "STATUS_ALLOC_FAILED", Operators.NoMemory];

    public static bool IsExhausted(Exception error) =>
        error is not ConfigurationException && Words.Any(words => error.Message.Contains(words, StringComparison.Ordinal));

    /// <summary>The largest of batch / 2, batch / 4, … that fits; null where not even a batch of two does.</summary>
    /// <param name="step">Takes one training step of so many examples.</param>
    public static int? LargestThatFits(int batch, Action<int> step)
    {
        for (var size = batch / 2; size >= 2; size /= 2)
        {
            try
            {
                step(size);
                return size;
            }
            catch (Exception error) when (IsExhausted(error))
            {
                // The next one is half as large.
            }
        }

        return null;
    }

    /// <summary>Refuses a trial whose step does not fit, and names a batch size that does.</summary>
    public static ConfigurationException Refusal(TrainingPlan plan, DatasetPack pack, Exception error)
    {
        // As in the trial: a pack that lies in the device's memory takes some of it.
        using var examples = IExamples.Of(pack, plan.Device);
        var fits = LargestThatFits(plan.Recipe.BatchSize, batch => Try(plan, pack.Header.ClassNames.Count, batch));
        var allowed = fits is { } size ? FormattableString.Invariant($"a batchSize of {size}") : "a smaller network or smaller images, as not even a batch of two fits";
        return new ConfigurationException(
            FormattableString.Invariant($"{plan.Trial.Id}: out of memory: {plan.Device} cannot hold a training step of {plan.Recipe.BatchSize} examples; allowed: {allowed}."), error);
    }

    /// <summary>Says what to do where an evaluation, whose batches are as large in every study, does not fit beside what training holds.</summary>
    public static InsufficientMemoryException OfEvaluation(TrainingPlan plan, long step, Exception error) => new(
        FormattableString.Invariant($"{plan.Trial.Id}: out of memory: {plan.Device} cannot evaluate {Evaluator.BatchSize} examples of {plan.Study.ImageSize} x {plan.Study.ImageSize} pixels at a time at step {step}; use a smaller network or smaller images, or a device with more memory."), error);

    private static void Try(TrainingPlan plan, int classes, int batch)
    {
        using var scope = NewDisposeScope();
        using var network = TrainedNetwork.Build(plan.Architecture, plan.Trial.Entry, plan.Trial.Seed, classes, plan.Study.ImageSize, plan.Device);
        using var optimizer = Optimizer.For(plan.Recipe.Optimizer, network.parameters());
        using var average = plan.Recipe.AverageDecay is { } decay ? new WeightAverage(network, decay) : null;
        using var augmentation = new Augmentation(plan.Recipe.Augmentation, plan.Study.Dataset, plan.Device);
        var step = new TrainingStep(network, optimizer, average, augmentation, plan.Recipe, plan.Study.ImageSize);
        var examples = zeros(batch, 3, plan.Study.ImageSize, plan.Study.ImageSize, device: plan.Device);
        var labels = zeros(batch, dtype: ScalarType.Int64, device: plan.Device);
        step.Update(examples, labels, learningRate: 0).Dispose();
        ComputeDevice.Synchronize(plan.Device);
    }
}
