using System.Diagnostics;
using static TorchSharp.torch;

namespace TrainHarness.Training.Engine;

/// <summary>How long one step and one evaluation take on a device, measured on throw-away data.</summary>
/// <param name="SecondsPerStep">Median over a few whole steps on a full batch.</param>
/// <param name="SecondsPerEvaluation">From the median over a few parts of one; null where that cannot be told before.</param>
public sealed record StepMeasurement(double SecondsPerStep, double? SecondsPerEvaluation)
{
    private const int WarmUps = 1;
    private const int Repetitions = 3;

    public static StepMeasurement Of(TrainingPlan plan, TrainingTask task)
    {
        ComputeDevice.Set(plan.Study, plan.Recipe.Precision);
        using var scope = NewDisposeScope();
        using var optimizer = Optimizer.For(plan.Recipe.Optimizer, task.Network.parameters());
        using var average = plan.Recipe.AverageDecay is { } decay ? new WeightAverage(task.Network, decay) : null;
        var step = new TrainingStep(task.Network, task.Objective, optimizer, average, plan.Recipe.GradientClip);
        using var batch = task.Shapes.Blank(task.Shapes.All[0]);
        var random = new Random(1);
        // A rate of zero: throw-away data must not drive the weights to where arithmetic is slow.
        var training = Median(plan.Device, () => step.Run(batch, random, learningRate: 0).Dispose());
        return new StepMeasurement(training, task.Evaluator is IForeseeableEvaluator evaluator ? OfEvaluation(evaluator, plan.Device) : null);
    }

    private static double OfEvaluation(IForeseeableEvaluator evaluator, Device device)
    {
        var part = 1.0;
        var seconds = Median(device, () => part = evaluator.Rehearse());
        return seconds / part;
    }

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
