using System.Diagnostics;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Engine;

public sealed class SteadyMemoryTests : IDisposable
{
    private const int SettledStep = 2_000;
    private const int LastStep = 10_000;
    private const int StepsPerEpoch = 18;

    private static readonly Recipe Plain = Trials.Recipe with { Epochs = (LastStep / StepsPerEpoch) + 1, BatchSize = 72 / StepsPerEpoch };

    private static readonly Dictionary<string, Recipe> Recipes = new()
    {
        ["plain"] = Plain,
        ["everything"] = Plain with
        {
            Optimizer = new AdamWRule { Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8, WeightDecay = 0.05 },
            Precision = Precision.Bf16,
            MemoryFormat = MemoryFormat.ChannelsLast,
            GradientClip = 1,
            AverageDecay = 0.99,
            AuxiliaryLossWeight = 0.3,
            Augmentation = Plain.Augmentation with { Lighting = 0.1, Mixing = new() { Mixup = 0.8, Cutmix = 1, Probability = 1 } },
        },
    };

    private readonly TemporaryFolder cache = new();

    public static TheoryData<string> Names => [.. Recipes.Keys];

    public void Dispose() => cache.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void From_step_2000_to_step_10000_of_a_training_run_nothing_grows(string name)
    {
        var plan = Trials.Plan(threshold: null, recipe: Recipes[name]) with { Architecture = SmallNetwork.Architecture };
        plan = plan with { Study = plan.Study with { ImageSize = 8, EvaluateEveryExamples = 72 * 50 } };
        using var pack = Trials.Pack(cache);
        var watch = new Watch();

        var result = TrainingLoop.Run(plan, pack, watch, TestContext.Current.CancellationToken);

        Assert.InRange(result.Steps, LastStep, LastStep + StepsPerEpoch);
        var (settled, last) = (watch.Settled!, watch.Last!);
        Assert.InRange(last.Tensors, 0, settled.Tensors);
        Assert.InRange(last.ManagedBytes, 0, settled.ManagedBytes + 100_000);
        // Half a kilobyte for each step: less than one lost tensor, more than what the C library and the compiler take by and by.
        Assert.InRange(last.NativeBytes, 0, settled.NativeBytes + 4_000_000);
    }

    /// <param name="NativeBytes">What the process holds beside the managed heap, whose own reserve comes and goes.</param>
    private sealed record Memory(long Tensors, long ManagedBytes, long NativeBytes)
    {
        public static Memory Now()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            // Gives back what the heap keeps in reserve: it is committed and not resident, so that the difference below would mean nothing.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            var heap = GC.GetGCMemoryInfo(GCKind.FullBlocking);
            using var process = Process.GetCurrentProcess();
            return new Memory(Tensor.TotalCount, heap.HeapSizeBytes - heap.FragmentedBytes, process.WorkingSet64 - heap.TotalCommittedBytes);
        }
    }

    /// <summary>The loop reports between two steps.</summary>
    private sealed class Watch : IProgress<TrainingProgress>
    {
        public Memory? Settled { get; private set; }

        public Memory? Last { get; private set; }

        public void Report(TrainingProgress value)
        {
            var step = value.Epoch * StepsPerEpoch;
            if (step >= SettledStep)
                Settled ??= Memory.Now();
            if (step >= LastStep)
                Last ??= Memory.Now();
        }
    }
}
