using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.GpuCheck.Comparison;
using TrainHarness.Protocol;
using TrainHarness.Training.Architectures;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Native;
using static TorchSharp.torch;

namespace TrainHarness.GpuCheck.Checks;

/// <summary>
/// Loss and gradients of every architecture on the device against the same in double precision on the CPU: the same weights, the same batch, in
/// training mode, with dropout off.
/// </summary>
internal static class GradientsCheck
{
    private const string Name = "gradients";
    private const int Classes = 10;
    private const int LeastImageSize = 64;
    private const int Batch = 4;

    public static Check Check { get; } = new(Name, "loss and gradients of every architecture against the CPU in double precision", 120, Run);

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
                yield return Line(comparison) with { IsDetail = true };
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
                "twice the CPU's");
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
        network.to(ScalarType.Float64);
        using var expected = Step.InDouble(network, images);
        network.to(ScalarType.Float32);
        var onCpu = new Dictionary<Precision, Difference>();
        foreach (var precision in (Precision[])[Precision.Fp32, Precision.Bf16])
        {
            using var computed = Step.In(precision, network, images, CPU);
            onCpu[precision] = computed.From(expected);
        }

        network.to(device);
        ChannelsLast.Apply(network);
        foreach (var precision in precisions)
        {
            using var computed = Step.In(precision, network, images, device);
            // A CPU has no TF32, which has more bits than bfloat16 and fewer than float32.
            var cpu = onCpu[precision == Precision.Tf32 ? Precision.Bf16 : precision];
            yield return new Comparison(architecture.Name, precision, computed.From(expected), Allowed(precision, cpu));
        }
    }

    /// <summary>
    /// Twice as far as the CPU in the same precision: what an architecture makes of rounding, batch normalisation of small maps above all, is its
    /// own. Where that is next to nothing, other sums of the same products may be a little further apart.
    /// </summary>
    private static Difference Allowed(Precision precision, Difference cpu)
    {
        var (loss, gradients) = precision == Precision.Fp32 ? (1e-5, 1e-4) : (1e-2, 5e-2);
        return new Difference(Math.Max(loss, 2 * cpu.Loss), Math.Max(gradients, 2 * cpu.Gradients));
    }

    private static int ImageSize(Architecture architecture)
    {
        var multiple = architecture.ImageSizeMultiple;
        return (Math.Max(LeastImageSize, architecture.MinimumImageSize) + multiple - 1) / multiple * multiple;
    }

    private static CheckLine Line(Comparison comparison)
    {
        var line = CheckLine.Of(
            Name, $"{comparison.Architecture}, {ComparedWork.Shown(comparison.Precision)}", comparison.Passes, Shown(comparison.Found), Shown(comparison.Allowed));
        return double.IsFinite(comparison.Found.Loss) && double.IsFinite(comparison.Found.Gradients)
            ? line with { Values = new Dictionary<string, double> { ["loss"] = comparison.Found.Loss, ["gradients"] = comparison.Found.Gradients } }
            : line;
    }

    private static string Shown(Comparison comparison) => $"{comparison.Architecture}, {Shown(comparison.Found)} (limits {Shown(comparison.Allowed)})";

    private static string Shown(Difference difference) => string.Create(CultureInfo.InvariantCulture, $"loss {difference.Loss:0.0E-0}, gradients {difference.Gradients:0.0E-0}");

    /// <summary>How far two steps are apart, relative to the size of the loss and to the length of all gradients together.</summary>
    private readonly record struct Difference(double Loss, double Gradients);

    private sealed record Comparison(string Architecture, Precision Precision, Difference Found, Difference Allowed)
    {
        // What is not a number is within nothing.
        public bool Passes => Found.Loss <= Allowed.Loss && Found.Gradients <= Allowed.Gradients;
    }

    /// <summary>One forward and backward pass; the gradients in double precision on the CPU.</summary>
    private sealed record Step(double Loss, Tensor[] Gradients) : IDisposable
    {
        public static Step InDouble(nn.Module<Tensor, Tensor> network, Tensor images)
        {
            using var exact = images.to_type(ScalarType.Float64);
            using var logits = network.call(exact);
            return Backward(network, logits);
        }

        public static Step In(Precision precision, nn.Module<Tensor, Tensor> network, Tensor images, Device device)
        {
            ComputeDevice.Set(Environment.ProcessorCount, precision, deterministic: false);
            using var there = images.to(device);
            using var logits = ForwardPass.Of(network, there, TimedTraining.Recipe with { Precision = precision, MemoryFormat = MemoryFormat.ChannelsLast });
            return Backward(network, logits);
        }

        public Difference From(Step expected)
        {
            var (squares, length) = (0.0, 0.0);
            foreach (var (own, other) in Gradients.Zip(expected.Gradients))
            {
                using var scope = NewDisposeScope();
                squares += (own - other).square().sum().item<double>();
                length += other.square().sum().item<double>();
            }

            return new Difference(Math.Abs(Loss - expected.Loss) / Math.Abs(expected.Loss), Math.Sqrt(squares / length));
        }

        public void Dispose()
        {
            foreach (var gradient in Gradients)
                gradient.Dispose();
        }

        private static Step Backward(nn.Module network, Tensor logits)
        {
            using var scope = NewDisposeScope();
            var labels = arange(Batch, dtype: ScalarType.Int64, device: logits.device);
            var loss = nn.functional.cross_entropy(logits, labels);
            network.zero_grad(set_to_none: true);
            loss.backward();
            var step = new Step(
                loss.to(CPU).to_type(ScalarType.Float64).item<double>(),
                [.. network.parameters().Select(parameter => parameter.grad!.to(CPU).to_type(ScalarType.Float64).contiguous().clone().DetachFromDisposeScope())]);
            // The next step has another type, or another device.
            network.zero_grad(set_to_none: true);
            return step;
        }
    }
}
