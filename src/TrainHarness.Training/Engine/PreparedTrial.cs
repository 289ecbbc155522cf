using TorchSharp;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Clocks;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Energy;
using TrainHarness.Training.Engine.Validation;
using TrainHarness.Training.Optimizers;
using static TorchSharp.torch;

namespace TrainHarness.Training.Engine;

/// <summary>
/// A trial before its clock starts: its task is open, every batch shape is priced, and the libraries have chosen and loaded their kernels.
/// </summary>
internal sealed class PreparedTrial : IDisposable
{
    private const int WarmUpSteps = 2;

    private PreparedTrial(TrainingPlan plan, TrainingTask task)
    {
        (Plan, Task) = (plan, task);
        Prices = StepPrices.Of(task, plan.Recipe.Optimizer);
        Schedule = new Schedule(task.Batches.Steps, plan.Recipe.Epochs);
        Points = new EvaluationPoints(plan.Study.EvaluateEveryExamples, Schedule.Steps);
        State = new LoopState
        {
            Device = plan.Device,
            Network = task.Network,
            Optimizer = Optimizer.For(plan.Recipe.Optimizer, task.Network),
            Average = plan.Recipe.AverageDecay is { } decay ? new WeightAverage(task.Network, decay) : null,
            OfTheWorkload = task.SavedStates,
            TrainingClock = new PausableClock(plan.Device, plan.Suspensions),
            EvaluationClock = new PausableClock(plan.Device, plan.Suspensions),
            DataWait = new PausableClock(CPU, plan.Suspensions),
            Energy = new EnergyMeter(plan.Energy),
        };
        Step = new TrainingStep(task.Network, task.Objective, State.Optimizer, State.Average, plan.Recipe.GradientClip);
    }

    public TrainingPlan Plan { get; }

    public TrainingTask Task { get; }

    public StepPrices Prices { get; }

    public Schedule Schedule { get; }

    public EvaluationPoints Points { get; }

    public LoopState State { get; }

    public TrainingStep Step { get; }

    public CheckpointArithmetic Arithmetic => new(Foresight.Of(Task, Prices, Points), Schedule, Task.Evaluator.Metrics);

    /// <exception cref="ConfigurationException">A step does not fit the device's memory.</exception>
    public static PreparedTrial Of(TrainingPlan plan, Func<TrainingPlan, TrainingTask> open)
    {
        TrainingTask? task = null;
        PreparedTrial? trial = null;
        try
        {
            task = open(plan);
            trial = new PreparedTrial(plan, task);
            trial.WarmUp();
            return trial;
        }
        catch (Exception error) when (MemoryLimit.IsExhausted(error))
        {
            trial?.State.Dispose();
            task?.Dispose();
            // What a constructor that threw has made is nobody's: its tensors go with their finalizers.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            throw MemoryLimit.Refusal(plan, open, error);
        }
    }

    public void Dispose()
    {
        State.Dispose();
        Task.Dispose();
    }

    /// <summary>Makes the libraries choose and load their kernels on throw-away data, then puts everything back.</summary>
    private void WarmUp()
    {
        using var scope = NewDisposeScope();
        var saved = State.Network.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.detach().clone());
        for (var step = 0; step < WarmUpSteps; step++)
            ThrowAwayStep();
        using (no_grad())
        {
            foreach (var (name, value) in State.Network.state_dict())
                value.copy_(saved[name]);
        }

        State.Optimizer.Reset();
        State.Average?.Reset();
        var seed = unchecked((long)Seeds.For(Plan.Trial.Seed, "dropout"));
        random.manual_seed(seed);
        // TorchSharp's manual_seed is the CPU's alone.
        if (Plan.Device.type == DeviceType.CUDA)
            cuda.manual_seed_all(seed);
    }

    private void ThrowAwayStep()
    {
        using var scope = NewDisposeScope();
        using var batch = Task.Shapes.Blank(Task.Shapes.All[0]);
        using var loss = Step.Run(batch, new Random(1), learningRate: 0);
        ComputeDevice.Synchronize(Plan.Device);
    }
}
