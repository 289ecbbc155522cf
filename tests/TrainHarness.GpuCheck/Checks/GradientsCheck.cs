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
    private const int Batch = 8;

    public static Check Check { get; } = new(Name, "loss and gradients of every architecture against the CPU in double precision", 120, Run);

    private static IEnumerable<CheckLine> Run(CheckRequest request)
    {
        TorchLibrary.Load();
        var device = ComputeDevice.Parse(request.Device);
        Precision[] precisions = request.IsTiny ? [Precision.Fp32, Precision.Bf16] : [Precision.Fp32, Precision.Tf32, Precision.Bf16];
        var all = new List<(Architecture Architecture, Precision Precision, Difference Difference)>();
        foreach (var architecture in ArchitectureCatalog.All)
        {
            using var scope = NewDisposeScope();
            var (images, labels) = Examples(architecture);
            using var expected = Step.InDouble(architecture, images, labels);
            foreach (var precision in precisions)
            {
                using var computed = Step.On(device, architecture, precision, images, labels);
                var difference = computed.From(expected);
                all.Add((architecture, precision, difference));
                yield return Line(architecture.Name, precision, difference) with { IsDetail = true };
            }
        }

        foreach (var precision in precisions)
        {
            var worst = all.Where(one => one.Precision == precision).MaxBy(one => one.Difference.Gradients / Tolerance(precision).Gradients);
            var loss = all.Where(one => one.Precision == precision).Max(one => one.Difference.Loss);
            yield return Line(
                string.Create(CultureInfo.InvariantCulture, $"{ArchitectureCatalog.All.Count} architectures"), precision, new Difference(loss, worst.Difference.Gradients), $", worst {worst.Architecture}");
        }
    }

    /// <summary>
    /// How far they may be apart, relative to their length. Batch normalisation of small maps makes much of little: on a CPU, where float32 and
    /// bfloat16 can be seen to be right, the worst architecture is at a quarter of these or less. TF32 keeps three more bits than bfloat16.
    /// </summary>
    private static (double Loss, double Gradients) Tolerance(Precision precision) => precision switch
    {
        Precision.Fp32 => (1e-4, 1e-2),
        Precision.Tf32 => (5e-2, 0.3),
        _ => (0.1, 1),
    };

    private static CheckLine Line(string subject, Precision precision, Difference difference, string remark = "")
    {
        var (loss, gradients) = Tolerance(precision);
        // What is not a number is within nothing.
        var passed = difference.Loss <= loss && difference.Gradients <= gradients;
        var line = CheckLine.Of(
            Name,
            $"{subject}, {ComparedWork.Shown(precision)}",
            passed,
            string.Create(CultureInfo.InvariantCulture, $"loss {difference.Loss:E1}, gradients {difference.Gradients:E1} apart{remark}"),
            string.Create(CultureInfo.InvariantCulture, $"{loss:E0}, {gradients:E0}"));
        return double.IsFinite(difference.Loss) && double.IsFinite(difference.Gradients)
            ? line with { Values = new Dictionary<string, double> { ["loss"] = difference.Loss, ["gradients"] = difference.Gradients } }
            : line;
    }

    private static (Tensor Images, Tensor Labels) Examples(Architecture architecture)
    {
        random.manual_seed(1);
        var size = ImageSize(architecture);
        return (randn(Batch, 3, size, size), arange(Batch, dtype: ScalarType.Int64));
    }

    private static int ImageSize(Architecture architecture)
    {
        var multiple = architecture.ImageSizeMultiple;
        return (Math.Max(LeastImageSize, architecture.MinimumImageSize) + multiple - 1) / multiple * multiple;
    }

    /// <summary>Both relative.</summary>
    private readonly record struct Difference(double Loss, double Gradients);

    /// <summary>One forward and backward pass; the gradients in double precision on the CPU.</summary>
    private sealed record Step(double Loss, Tensor[] Gradients) : IDisposable
    {
        public static Step InDouble(Architecture architecture, Tensor images, Tensor labels)
        {
            using var network = Built(architecture, CPU, MemoryFormat.Contiguous);
            network.to(ScalarType.Float64);
            using var exact = images.to_type(ScalarType.Float64);
            using var logits = network.call(exact);
            return Backward(network, logits, labels);
        }

        public static Step On(Device device, Architecture architecture, Precision precision, Tensor images, Tensor labels)
        {
            ComputeDevice.Set(Environment.ProcessorCount, precision, deterministic: false);
            // Both layouts are seen: one with the exact precision, the other with the fast ones.
            var format = precision == Precision.Fp32 ? MemoryFormat.Contiguous : MemoryFormat.ChannelsLast;
            using var network = Built(architecture, device, format);
            using var there = images.to(device);
            using var logits = ForwardPass.Of(network, there, TimedTraining.Recipe with { Precision = precision, MemoryFormat = format });
            return Backward(network, logits, labels.to(device));
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

        private static nn.Module<Tensor, Tensor> Built(Architecture architecture, Device device, MemoryFormat format)
        {
            var network = architecture.BuildFrom(InitialWeights.Torchvision, seed: 1, new(Classes, ImageSize(architecture)), device);
            foreach (var dropout in network.modules().Where(module => module is Dropout or DropPath))
                dropout.eval();
            if (format == MemoryFormat.ChannelsLast)
                ChannelsLast.Apply(network);
            return network;
        }

        private static Step Backward(nn.Module network, Tensor logits, Tensor labels)
        {
            using var scope = NewDisposeScope();
            var loss = nn.functional.cross_entropy(logits, labels);
            loss.backward();
            return new Step(
                loss.to(CPU).to_type(ScalarType.Float64).item<double>(),
                [.. network.parameters().Select(parameter => parameter.grad!.to(CPU).to_type(ScalarType.Float64).contiguous().DetachFromDisposeScope())]);
        }
    }
}
