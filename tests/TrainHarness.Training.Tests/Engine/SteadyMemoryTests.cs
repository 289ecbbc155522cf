using System.Diagnostics;
using System.Runtime.InteropServices;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads.ImageClassification;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Engine;

[Trait("Lane", "long")]
public sealed partial class SteadyMemoryTests : IDisposable
{
    private const int SettledStep = 5_000;
    private const int LastStep = 15_000;
    private const int StepsPerEpoch = 18;
    private const string RecipeName = "TRAINHARNESS_TEST_RECIPE";

    private static readonly Recipe Plain = Trials.Recipe with { Epochs = (LastStep / StepsPerEpoch) + 1, BatchSize = 72 / StepsPerEpoch };

    private static readonly Dictionary<string, Recipe> Recipes = new()
    {
        ["plain"] = Plain,
        ["everything"] = Plain with
        {
            Optimizer = new AdamWRule
            {
                Beta1 = 0.9,
                Beta2 = 0.999,
                Epsilon = 1e-8,
                WeightDecay = 0.05,
            },
            Precision = Precision.Bf16,
            MemoryFormat = MemoryFormat.ChannelsLast,
            GradientClip = 1,
            AverageDecay = 0.99,
            AuxiliaryLossWeight = 0.3,
            Augmentation = Plain.Augmentation! with
            {
                Lighting = 0.1,
                Mixing = new()
                {
                    Mixup = 0.8,
                    Cutmix = 1,
                    Probability = 1,
                },
            },
        },
    };

    private readonly TemporaryFolder cache = new();

    public static TheoryData<string> Names => [.. Recipes.Keys];

    public void Dispose() => cache.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task From_step_5000_to_step_15000_of_a_training_run_nothing_grows(string name)
    {
        // A process of its own: in one that has run other tests, what the C library keeps for them comes and goes by a hundred megabytes.
        // Without a second compilation and a second arena, which take some megabytes once at a time of their own choice.
        var child = await DotnetProcess.Run(
            [
                "exec",
                GetType().Assembly.Location,
                "-explicit",
                "only",
                "-method",
                $"*{nameof(SteadyMemoryTests)}.{nameof(The_child_does_not_grow)}",
            ],
            new Dictionary<string, string>
            {
                [RecipeName] = name,
                ["DOTNET_TieredCompilation"] = "0",
                ["MALLOC_ARENA_MAX"] = "1",
                ["LD_PRELOAD"] = "",
            }
        );
        Assert.True(child.ExitCode == 0, child.Output);
        Assert.DoesNotContain("Total: 0,", child.Output, StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public void The_child_does_not_grow()
    {
        var recipe = Recipes[Environment.GetEnvironmentVariable(RecipeName)!];
        var plan = Trials.Plan(threshold: null, recipe: recipe) with { Architecture = SmallNetwork.Architecture };
        plan = plan with
        {
            Study = plan.Study with { Settings = ImageSettings.Of(plan.Study) with { ImageSize = 8 }, EvaluateEveryExamples = 72 * 50 },
        };
        using var pack = Trials.Pack(cache);
        var watch = new Watch();

        var result = TrainingLoop.Run(plan, ImageTask.On(pack), watch, TestContext.Current.CancellationToken);

        Assert.InRange(result.Steps, LastStep, LastStep + StepsPerEpoch);
        var (settled, last) = (watch.Settled!, watch.Last!);
        TestContext.Current.TestOutputHelper!.WriteLine($"{settled} -> {last}");
        Assert.InRange(last.Tensors, 0, settled.Tensors);
        Assert.InRange(last.ManagedBytes, 0, settled.ManagedBytes + 100_000);
        // Ten bytes for each step: the smallest piece of memory that could be lost is sixteen.
        Assert.InRange(last.AllocatedBytes, 0, settled.AllocatedBytes + 100_000);
        Assert.InRange(last.ResidentBytes, 0, settled.ResidentBytes + 4_000_000);
    }

    /// <param name="AllocatedBytes">What the C library has handed out and not got back: libtorch's tensors among it.</param>
    /// <param name="ResidentBytes">What the process holds beside the managed heap, whose own reserve comes and goes.</param>
    private sealed partial record Memory(long Tensors, long ManagedBytes, long AllocatedBytes, long ResidentBytes)
    {
        public static Memory Now()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            // Gives back what the heap keeps in reserve: it is committed and not resident, so that the difference below would mean nothing.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            var heap = GC.GetGCMemoryInfo(GCKind.FullBlocking);
            using var process = Process.GetCurrentProcess();
            var allocated = OperatingSystem.IsLinux() ? MallocInformation() : default;
            return new Memory(
                Tensor.TotalCount,
                heap.HeapSizeBytes - heap.FragmentedBytes,
                (long)(allocated.InUse + allocated.Mapped),
                process.WorkingSet64 - heap.TotalCommittedBytes
            );
        }

        [LibraryImport("libc", EntryPoint = "mallinfo2")]
        private static partial Malloc MallocInformation();

        /// <summary>mallinfo(3): <c>hblkhd</c> is the fifth of ten sizes, <c>uordblks</c> the eighth.</summary>
        [StructLayout(LayoutKind.Explicit, Size = 10 * 8)]
        private readonly struct Malloc
        {
            [FieldOffset(4 * 8)]
            public readonly nuint Mapped;

            [FieldOffset(7 * 8)]
            public readonly nuint InUse;
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
