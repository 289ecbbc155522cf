using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Compute;
using TrainHarness.GpuCheck.Comparison;
using TrainHarness.Protocol;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Native;
using TrainHarness.Training.Workloads.ImageClassification;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.GpuCheck.Checks;

/// <summary>
/// Loss and gradients of every architecture on the device against the same in double precision on the CPU: the same weights, the same
/// batch, in training mode, with dropout off.
/// </summary>
internal static class GradientsCheck
{
    private const string Name = "gradients";
    private const int Classes = 10;
    private const int MinImageSize = 64;
    private const int Batch = 4;

    public static Check Check { get; } =
        new(Name, "loss and gradients of every architecture against the CPU in double precision", 120, Run);

    private static IEnumerable<CheckLine> Run(CheckRequest request)
    {
        TorchLibrary.Load();
        var device = ComputeDevice.Parse(request.Device);
        Precision[] precisions = request.IsTiny ? [Precision.Fp32, Precision.Bf16] : [Precision.Fp32, Precision.Tf32, Precision.Bf16];
        var all = new List<Comparison>();
        foreach (var architecture in ArchitectureCatalog.All)
        {
            foreach (var comparison in Compare(architecture, device, precisions))
            {
                all.Add(comparison);
                yield return Line(comparison) with
                {
                    IsDetail = true,
                };
            }
        }

        foreach (var precision in precisions)
        {
            var same = all.FindAll(one => one.Precision == precision);
            yield return CheckLine.Of(
                Name,
                string.Create(CultureInfo.InvariantCulture, $"{same.Count} architectures, {ComparedWork.Shown(precision)}"),
                same.TrueForAll(one => one.Passes),
                $"nearest to its limit: {Shown(same.MaxBy(one => one.Found.Gradients / one.Allowed.Gradients)!)}",
                precision == Precision.Fp32 ? "four times the CPU's" : "twice the CPU's in bf16"
            );
        }
    }

    /// <summary>One network for all: its weights stay as they are, and float32 loses nothing on its way through double precision.</summary>
    private static IEnumerable<Comparison> Compare(Architecture architecture, Device device, Precision[] precisions)
    {
        using var network = architecture.BuildFrom(InitialWeights.Torchvision, seed: 1, new(Classes, ImageSize(architecture)), CPU);
        foreach (var dropout in network.modules().Where(module => module is Dropout or DropPath))
            dropout.eval();
        random.manual_seed(1);
        var size = ImageSize(architecture);
        using var images = randn(Batch, 3, size, size);
        Convert(network, () => network.to(ScalarType.Float64));
        using var expected = Exact.Of(network, images);
        Convert(network, () => network.to(ScalarType.Float32));
        var onCpu = ((Precision[])[Precision.Fp32, Precision.Bf16]).ToDictionary(
            precision => precision,
            precision => Apart(expected, precision, network, images, CPU)
        );
        Convert(network, () => network.to(device));
        ChannelsLast.Apply(network);
        foreach (var precision in precisions)
        {
            // A CPU has no TF32, which has more bits than bfloat16 and fewer than float32.
            var cpu = onCpu[precision == Precision.Tf32 ? Precision.Bf16 : precision];
            yield return new Comparison(
                architecture.Name,
                precision,
                Apart(expected, precision, network, images, device),
                Allowed(precision, cpu)
            );
        }

        DropGradients(network);
    }

    /// <summary>The parameters that it had are nobody's afterwards: gigabytes that nothing but a finalizer gives back.</summary>
    private static void Convert(nn.Module network, Action convert)
    {
        DropGradients(network);
        convert();
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    private static void DropGradients(nn.Module network)
    {
        foreach (var parameter in network.parameters())
            parameter.grad = null;
    }

    private static Difference Apart(Exact expected, Precision precision, nn.Module<Tensor, Tensor> network, Tensor images, Device device)
    {
        ComputeDevice.Set(Environment.ProcessorCount, precision, deterministic: false);
        using var there = images.to(device);
        using var logits = ForwardPass.Of(
            network,
            there,
            TimedTraining.Recipe with
            {
                Precision = precision,
                MemoryFormat = MemoryFormat.ChannelsLast,
            }
        );
        var loss = Backward(network, logits);
        var (squares, length) = (0.0, 0.0);
        foreach (var (parameter, gradient) in network.parameters().Zip(expected.Gradients))
        {
            using var scope = NewDisposeScope();
            squares += (InDouble(parameter.grad!) - gradient).square().sum().item<double>();
            length += gradient.square().sum().item<double>();
        }

        return new Difference(Math.Abs(loss - expected.Loss) / Math.Abs(expected.Loss), Math.Sqrt(squares / length));
    }

    private static double Backward(nn.Module network, Tensor logits)
    {
        using var scope = NewDisposeScope();
        var loss = nn.functional.cross_entropy(logits, BatchLabels.InTurn(Batch, Batch, logits.device));
        DropGradients(network);
        loss.backward();
        return InDouble(loss).item<double>();
    }

    private static Tensor InDouble(Tensor tensor) => tensor.to(CPU).to_type(ScalarType.Float64);

    /// <summary>
    /// Some times as far as the CPU in the same precision: what an architecture makes of rounding, batch normalisation of small maps above
    /// all, is its own. In float32 a GPU adds up in longer runs; in the others the rounding of the factors is nearly all. Where a CPU is
    /// next to nothing apart, a GPU may be a little: less than TF32 that nobody asked for would make of float32.
    /// </summary>
    private static Difference Allowed(Precision precision, Difference cpu)
    {
        var (times, loss, gradients) = precision == Precision.Fp32 ? (4, 1e-5, 3e-4) : (2, 1e-2, 5e-2);
        return new Difference(Math.Max(loss, times * cpu.Loss), Math.Max(gradients, times * cpu.Gradients));
    }

    private static int ImageSize(Architecture architecture)
    {
        var multiple = architecture.ImageSizeMultiple;
        return (Math.Max(MinImageSize, architecture.MinimumImageSize) + multiple - 1) / multiple * multiple;
    }

    private static CheckLine Line(Comparison comparison)
    {
        var line = CheckLine.Of(
            Name,
            $"{comparison.Architecture}, {ComparedWork.Shown(comparison.Precision)}",
            comparison.Passes,
            Shown(comparison.Found),
            Shown(comparison.Allowed)
        );
        return double.IsFinite(comparison.Found.Loss) && double.IsFinite(comparison.Found.Gradients)
            ? line with
            {
                Values = new Dictionary<string, double> { ["loss"] = comparison.Found.Loss, ["gradients"] = comparison.Found.Gradients },
            }
            : line;
    }

    private static string Shown(Comparison comparison) =>
        $"{comparison.Architecture}, {Shown(comparison.Found)} (limits {Shown(comparison.Allowed)})";

    private static string Shown(Difference difference) =>
        string.Create(CultureInfo.InvariantCulture, $"loss {difference.Loss:0.0E-0}, gradients {difference.Gradients:0.0E-0}");

    /// <summary>How far two steps are apart, relative to the size of the loss and to the length of all gradients together.</summary>
    private readonly record struct Difference(double Loss, double Gradients);

    private sealed record Comparison(string Architecture, Precision Precision, Difference Found, Difference Allowed)
    {
        // What is not a number is within nothing.
        public bool Passes => Found.Loss <= Allowed.Loss && Found.Gradients <= Allowed.Gradients;
    }

    /// <summary>One forward and backward pass in double precision on the CPU.</summary>
    private sealed record Exact(double Loss, Tensor[] Gradients) : IDisposable
    {
        public static Exact Of(nn.Module<Tensor, Tensor> network, Tensor images)
        {
            using var exact = images.to_type(ScalarType.Float64);
            using var logits = network.call(exact);
            var loss = Backward(network, logits);
            using var scope = NewDisposeScope();
            return new Exact(loss, [.. network.parameters().Select(parameter => parameter.grad!.clone().DetachFromDisposeScope())]);
        }

        public void Dispose()
        {
            foreach (var gradient in Gradients)
                gradient.Dispose();
        }
    }
}
