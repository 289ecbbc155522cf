using System.Diagnostics;
using System.Globalization;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Native;
using TrainHarness.Training.Workloads.ImageClassification;
using static TorchSharp.torch;

namespace TrainHarness.GpuCheck.Checks;

/// <summary>
/// Nothing grows from the 1,000th step, when kernels are chosen and code is compiled, to the 2,000th of a training that uses most native
/// paths.
/// </summary>
internal static class MemoryCheck
{
    private const string Name = "memory";
    private const int SettledStep = 1_000;
    private const int LastStep = 2_000;
    private const int Batch = 8;
    private const int StepsPerEpoch = 20;
    private const int Classes = 5;

    public static Check Check { get; } = new(Name, "nothing grows from step 1,000 to step 2,000", 75, Run);

    private static IEnumerable<CheckLine> Run(CheckRequest request)
    {
        using var folder = new ScratchFolder();
        var trial = new ShapesTrial
        {
            Device = request.Device,
            Side = 32,
            TrainPerClass = Batch * StepsPerEpoch / Classes,
            ValidationPerClass = 8,
            EvaluateEveryExamples = Batch * 200,
        };
        using var pack = trial.Pack(folder.Path);
        var recipe = ShapesTrial.Recipe with
        {
            Epochs = (LastStep / StepsPerEpoch) + 1,
            BatchSize = Batch,
            Optimizer = new AdamWRule
            {
                Beta1 = 0.9,
                Beta2 = 0.999,
                Epsilon = 1e-8,
                WeightDecay = 0.05,
            },
            BatchNormalised = new StartRule { LearningRate = 0.001, Initialisation = InitialWeights.Torchvision },
            Precision = Precision.Bf16,
            MemoryFormat = MemoryFormat.ChannelsLast,
            GradientClip = 1,
            AverageDecay = 0.99,
        };
        var watch = new Watch(ComputeDevice.Parse(request.Device));
        var result = TrainingLoop.Run(trial.Plan("squeezenet1_1", recipe), ImageTask.On(pack), watch, CancellationToken.None);
        var (settled, last) = (watch.Settled!, watch.Last!);
        yield return CheckLine.Measured(
            Name,
            "steps",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{result.Steps} of squeezenet1_1, data {result.DataPath}, {string.Join(", ", result.NativePaths)}"
            )
        );
        yield return Line("native tensors", last.Tensors - settled.Tensors, 0, 1, "more");
        yield return Line("managed heap", last.ManagedBytes - settled.ManagedBytes, 200_000, 1e3, "kB more");
        // The C library, the compiler and the driver take some by and by.
        yield return Line("native memory of the process", last.NativeBytes - settled.NativeBytes, 8_000_000, 1e6, "MB more");
        yield return last.DeviceBytes is { } bytes && settled.DeviceBytes is { } before
            ? Line("device memory", bytes - before, 2 << 20, 1e6, "MB more")
            : CheckLine.NotRun(Name, "device memory", request.IsTiny ? "no CUDA device" : "this libtorch does not tell");
    }

    private static CheckLine Line(string what, long growth, long allowed, double unit, string words) =>
        CheckLine.Of(
            Name,
            what,
            growth <= allowed,
            string.Create(CultureInfo.InvariantCulture, $"{growth / unit:0.###} {words} than at step {SettledStep}"),
            string.Create(CultureInfo.InvariantCulture, $"{allowed / unit:0.###}")
        );

    /// <param name="NativeBytes">What the process holds beside the managed heap, whose own reserve comes and goes.</param>
    /// <param name="DeviceBytes">Held by anybody on the device; null where it cannot be told.</param>
    private sealed record Memory(long Tensors, long ManagedBytes, long NativeBytes, long? DeviceBytes)
    {
        public static Memory Now(Device device)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            // Gives back what the heap keeps in reserve: it is committed and not resident, so that the difference below would mean nothing.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            var heap = GC.GetGCMemoryInfo(GCKind.FullBlocking);
            using var process = Process.GetCurrentProcess();
            return new Memory(
                Tensor.TotalCount,
                heap.HeapSizeBytes - heap.FragmentedBytes,
                process.WorkingSet64 - heap.TotalCommittedBytes,
                DeviceMemory.Of(device) is { } memory ? memory.Total - memory.Free : null
            );
        }
    }

    /// <summary>The loop reports between two steps.</summary>
    private sealed class Watch(Device device) : IProgress<TrainingProgress>
    {
        public Memory? Settled { get; private set; }

        public Memory? Last { get; private set; }

        public void Report(TrainingProgress value)
        {
            var step = value.Epoch * StepsPerEpoch;
            if (step >= SettledStep)
                Settled ??= Memory.Now(device);
            if (step >= LastStep)
                Last ??= Memory.Now(device);
        }
    }
}
