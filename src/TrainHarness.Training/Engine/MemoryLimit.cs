using System.Globalization;
using TrainHarness.Files;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Native.Libtorch;
using TrainHarness.Training.Optimizers;
using static TorchSharp.torch;

namespace TrainHarness.Training.Engine;

/// <summary>What to say where the memory of a device does not suffice.</summary>
internal static class MemoryLimit
{
    // The words of libtorch's allocators, of NVIDIA's libraries, and of the bindings where libtorch gives no words.
    private static readonly string[] Words =
    [
        "out of memory",
        "can't allocate memory",
        "not enough memory",
        "STATUS_ALLOC_FAILED",
        Operators.NoMemory,
    ];

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

    /// <summary>Of a step that fitted before.</summary>
    public static InsufficientMemoryException OnTheWay(TrainingPlan plan, long step, Exception error) =>
        new(
            FormattableString.Invariant($"{plan.Trial.Id}: {plan.Device} ran out of memory at step {step}; is something else using it?"),
            error
        );

    /// <summary>Refuses a trial whose step does not fit, and names a batch size that does.</summary>
    public static ConfigurationException Refusal(TrainingPlan plan, Func<TrainingPlan, TrainingTask> open, Exception error)
    {
        var fits = LargestThatFits(plan.Recipe.BatchSize, batch => Try(WithBatchSize(plan, batch), open));
        var allowed = fits is { } size
            ? FormattableString.Invariant($"a batchSize of {size}")
            : "a smaller network or smaller examples, as not even a batch of two fits";
        return new ConfigurationException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{plan.Trial.Id}: out of memory: {plan.Device} cannot hold a training step of {plan.Recipe.BatchSize} examples; "
                    + $"allowed: {allowed}."
            ),
            error
        );
    }

    /// <summary>
    /// Says what to do where an evaluation, whose batches are as large in every study, does not fit beside what training holds.
    /// </summary>
    public static InsufficientMemoryException OfEvaluation(TrainingPlan plan, long step, Exception error) =>
        new(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{plan.Trial.Id}: out of memory: {plan.Device} cannot evaluate the network beside what training holds at step {step}; "
                    + $"use a smaller network or smaller examples, or a device with more memory."
            ),
            error
        );

    private static TrainingPlan WithBatchSize(TrainingPlan plan, int batch)
    {
        var entry = plan.Trial.Entry;
        return plan with { Trial = plan.Trial with { Entry = entry with { Recipe = entry.Recipe with { BatchSize = batch } } } };
    }

    private static void Try(TrainingPlan plan, Func<TrainingPlan, TrainingTask> open)
    {
        using var scope = NewDisposeScope();
        using var task = open(plan);
        using var optimizer = Optimizer.For(plan.Recipe.Optimizer, task.Network);
        using var average = plan.Recipe.AverageDecay is { } decay ? new WeightAverage(task.Network, decay) : null;
        var step = new TrainingStep(task.Network, task.Objective, optimizer, average, plan.Recipe.GradientClip);
        using var batch = task.Shapes.Blank(task.Shapes.All[0]);
        step.Run(batch, new Random(1), learningRate: 0).Dispose();
        ComputeDevice.Synchronize(plan.Device);
    }
}
