using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Cli.Execution;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Native;
using TrainHarness.Training.Native.Kernels;
using TrainHarness.Training.Optimizers;
using TrainHarness.Training.Workloads.ImageClassification;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.GpuCheck.Comparison;

/// <summary>This program's side: the engine's own training step, in a process of its own.</summary>
internal sealed class HarnessSide : IDisposable
{
    // For the updates whose losses are compared. Updates that are timed have a rate of zero: the same batch for ever would drive the
    // weights to where arithmetic is slow.
    private const double CheckRate = 0.001;
    private const int WarmUps = 2;

    // One line each, unlike files.
    private static readonly JsonSerializerOptions Line = new(ResultsJson.Options) { WriteIndented = false };

    private readonly ComparedWork work;
    private readonly Device device;
    private readonly Recipe recipe;
    private readonly nn.Module<Tensor, Tensor> network;
    private readonly MomentumSgd optimizer;
    private readonly TrainingStep step;
    private readonly ImageBatch batch;

    // Nothing of it is used: the examples are augmented already.
    private readonly Random draws = new(1);

    private HarnessSide(ComparedWork work)
    {
        this.work = work;
        ComputeDevice.Set(work.Threads, work.Precision, deterministic: false);
        device = ComputeDevice.Parse(work.Device);
        recipe = TimedTraining.Recipe with { Precision = work.Precision, MemoryFormat = work.MemoryFormat, BatchSize = work.Batch };
        ComputeDevice.Require(recipe, device);
        var entry = new Entry($"{work.Architecture}.benchmark", work.Architecture, recipe, null);
        network = TrainedNetwork.Build(Architecture(work), entry, seed: 1, work.Classes, work.ImageSize, device);
        optimizer = new MomentumSgd(network.parameters(), (SgdRule)recipe.Optimizer, useFused: true);
        step = new TrainingStep(network, new ExamplesObjective(network, recipe), optimizer, average: null, recipe.GradientClip);
        using var scope = NewDisposeScope();
        batch = new ImageBatch(
            Laid(randn(work.Batch, 3, work.ImageSize, work.ImageSize).to(device)).MoveToOuterDisposeScope(),
            BatchLabels.InTurn(work.Batch, work.Classes, device).MoveToOuterDisposeScope()
        );
    }

    /// <summary>
    /// Reads the work from standard input, writes what the other side needs to a file, then answers numbers of steps with seconds.
    /// </summary>
    public static int Serve(string file)
    {
        var work = JsonSerializer.Deserialize<ComparedWork>(Console.In.ReadLine()!, Line)!;
        TorchLibrary.Load();
        using var side = new HarnessSide(work);
        WorkFile.Write(file, work, side.network, side.batch.Pixels, side.batch.Labels);
        Say(side.Describe());
        while (Console.In.ReadLine() is { } line)
            Say(new Elapsed(side.Time(int.Parse(line, CultureInfo.InvariantCulture))));
        return 0;
    }

    public void Dispose()
    {
        network.Dispose();
        optimizer.Dispose();
        batch.Dispose();
    }

    private static Architecture Architecture(ComparedWork work) =>
        work.Width is { } width
            ? Training.Workloads.ImageClassification.Architectures.Architecture.ResNet18 with
            {
                Build = options => new ResNet(options.Classes, [2, 2, 2, 2], bottleneck: null, width),
            }
            : ArchitectureCatalog.ByName(work.Architecture);

    private static void Say<T>(T answer) => Console.Out.WriteLine(JsonSerializer.Serialize(answer, Line));

    private Tensor Laid(Tensor batch) => work.MemoryFormat == MemoryFormat.ChannelsLast ? ChannelsLast.Of(batch) : batch;

    /// <summary>A twin of the network in double precision, for which libtorch does not use oneDNN, takes the same step.</summary>
    private StepErrors FirstStepErrors()
    {
        using var scope = NewDisposeScope();
        var entry = new Entry($"{work.Architecture}.benchmark", work.Architecture, recipe with { Precision = Precision.Fp32 }, null);
        using var twin = TrainedNetwork.Build(Architecture(work), entry, seed: 1, work.Classes, work.ImageSize, device);
        twin.to(ScalarType.Float64);
        DropoutOff(twin);
        var exact = nn.functional.cross_entropy(twin.call(batch.Pixels.to_type(ScalarType.Float64)), batch.Labels);
        exact.backward();
        var loss = nn.functional.cross_entropy(ForwardPass.Of(network, batch.Pixels, recipe), batch.Labels);
        loss.backward();
        var (difference, length, largest) = (0.0, 0.0, 0.0);
        foreach (var (parameter, reference) in network.parameters().Zip(twin.parameters()))
        {
            if (parameter.grad is not { } gradient || reference.grad is not { } right)
                continue;
            var apart = gradient.to_type(ScalarType.Float64) - right;
            difference += apart.square().sum().item<double>();
            length += right.square().sum().item<double>();
            // A gradient of nothing but rounding, such as of a bias before a normalisation, has no size to be compared with.
            if (right.norm().item<double>() > 1e-10)
                largest = Math.Max(largest, (apart.abs().max() / right.abs().max()).item<double>());
            parameter.grad = null;
        }

        return new StepErrors(
            Math.Abs(loss.item<float>() - exact.item<double>()) / Math.Abs(exact.item<double>()),
            Math.Sqrt(difference / length),
            largest
        );
    }

    private static nn.Module[] DropoutOff(nn.Module module)
    {
        nn.Module[] dropouts = [.. module.modules().Where(part => part is Dropout or DropPath)];
        foreach (var dropout in dropouts)
            dropout.eval();
        return dropouts;
    }

    private SideDescription Describe()
    {
        // Dropout draws differently in every program: it is off while losses are compared, and on while steps are timed.
        var dropouts = DropoutOff(network);
        var errors = FirstStepErrors();
        double[] losses = [.. Enumerable.Range(0, work.CheckedSteps).Select(_ => Loss())];
        foreach (var dropout in dropouts)
            dropout.train();
        Time(WarmUps);
        return new SideDescription
        {
            Runtime = $".NET {Environment.Version}",
            Libtorch = TorchLibrary.Description.Version ?? "unknown",
            Configuration = LibtorchConfiguration.Text,
            Libraries = Libraries(),
            Threads = get_num_threads(),
            Optimizer = optimizer.NativePath is null ? "plain" : "fused",
            DeviceName = null,
            Parameters = Training.Workloads.ImageClassification.Architectures.Architecture.Parameters(network),
            Losses = losses,
            Errors = errors,
            Kernels =
                work.Device == "cpu"
                    ? [.. ConvolutionKernels.NativePaths(), .. WaitPolicy.OfThisProcess() is { } wait ? (string[])[wait] : []]
                    : [],
        };
    }

    private double Loss()
    {
        using var scope = NewDisposeScope();
        return step.Run(batch, draws, CheckRate).to(CPU).item<float>();
    }

    private double Time(int steps)
    {
        var start = Stopwatch.GetTimestamp();
        for (var index = 0; index < steps; index++)
            step.Run(batch, draws, learningRate: 0).Dispose();
        ComputeDevice.Synchronize(device);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static IReadOnlyList<string> Libraries()
    {
        string[] kinds = ["blas", "mkl_", "blis", "gomp", "iomp", "libomp", "malloc"];
        return OperatingSystem.IsLinux()
            ?
            [
                .. File.ReadLines("/proc/self/maps")
                    .Select(Path.GetFileName)
                    .OfType<string>()
                    .Where(name => kinds.Any(kind => name.Contains(kind, StringComparison.OrdinalIgnoreCase)))
                    .Distinct()
                    .Order(StringComparer.Ordinal),
            ]
            : [];
    }
}
