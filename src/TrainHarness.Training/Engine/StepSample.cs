using TrainHarness.Training.Devices;
using TrainHarness.Training.Optimizers;
using static TorchSharp.torch;

namespace TrainHarness.Training.Engine;

/// <summary>One look at what a trial takes on a device, on throw-away data.</summary>
/// <param name="Step">A whole step on a full batch, the shorter one of two.</param>
/// <param name="Evaluation">Part of an evaluation; null where one cannot be rehearsed.</param>
/// <param name="EvaluatedPart">Of a whole evaluation.</param>
public sealed record StepSample(TimedWork Step, TimedWork? Evaluation, double EvaluatedPart)
{
    /// <summary>Opens the task, warms it up, measures it, and lets it go: many large networks would not fit beside each other.</summary>
    /// <param name="open">Opens what the plan asks for.</param>
    public static StepSample Of(TrainingPlan plan, Func<TrainingPlan, TrainingTask> open)
    {
        ComputeDevice.Set(plan.Study, plan.Recipe.Precision);
        using var scope = NewDisposeScope();
        using var task = open(plan);
        using var optimizer = Optimizer.For(plan.Recipe.Optimizer, task.Network);
        using var average = plan.Recipe.AverageDecay is { } decay ? new WeightAverage(task.Network, decay) : null;
        var step = new TrainingStep(task.Network, task.Objective, optimizer, average, plan.Recipe.GradientClip);
        using var batch = task.Shapes.Blank(task.Shapes.All[0]);
        var random = new Random(1);
        // A rate of zero: throw-away data must not drive the weights to where arithmetic is slow.
        void Train() => step.Run(batch, random, learningRate: 0).Dispose();
        Train();
        var (first, second) = (TimedWork.Of(plan.Device, Train), TimedWork.Of(plan.Device, Train));
        var shorter = first.Seconds < second.Seconds ? first : second;
        if (task.Evaluator is not IForeseeableEvaluator evaluator)
            return new StepSample(shorter, null, 0);
        var part = evaluator.Rehearse();
        return new StepSample(shorter, TimedWork.Of(plan.Device, () => evaluator.Rehearse()), part);
    }
}
