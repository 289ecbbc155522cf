using System.Globalization;
using TrainHarness.Compute;
using TrainHarness.Files;
using TrainHarness.GpuCheck.Comparison;
using TrainHarness.Protocol;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Native;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;

namespace TrainHarness.GpuCheck.Checks;

/// <summary>Step time, achieved FLOP/s and share of the device's peak, and the same work in Python's PyTorch, in turns.</summary>
internal static class StepTimeCheck
{
    // Against PyTorch as it comes, and against its compiler.
    private const double MinEager = 1.0;
    private const double MinCompiled = 0.9;

    public static Check Eager { get; } =
        new("step time", "six networks, beside Python's PyTorch", 160, request => Run("step time", request, EagerWorks(request), MinEager));

    public static Check Compiled { get; } =
        new("compiled", "two networks beside torch.compile", 180, request => Run("compiled", request, CompiledWorks(request), MinCompiled));

    private static IEnumerable<ComparedWork> EagerWorks(CheckRequest request) =>
        request.IsTiny
            ? [Work(request, "resnet18", 64, 8), Work(request, "mobilenet_v2", 64, 8)]
            :
            [
                Work(request, "resnet50", 224, 128),
                Work(request, "efficientnet_b0", 224, 128),
                Work(request, "alexnet", 96, 256),
                Work(request, "resnet18", 96, 128),
                Work(request, "alexnet", 128, 256),
                Work(request, "resnet18", 128, 128),
                Work(request, "alexnet", 224, 256),
                Work(request, "resnet18", 224, 128),
                Work(request, "mobilenet_v2", 224, 128),
                Work(request, "vit_b_16", 224, 64),
            ];

    private static IEnumerable<ComparedWork> CompiledWorks(CheckRequest request) =>
        request.IsTiny
            ? [Work(request, "resnet18", 32, 4) with { Compile = true }]
            :
            [
                Work(request, "resnet50", 224, 128) with
                {
                    Compile = true,
                },
                Work(request, "efficientnet_b0", 224, 128) with
                {
                    Compile = true,
                },
            ];

    private static ComparedWork Work(CheckRequest request, string architecture, int imageSize, int batch) =>
        new()
        {
            Architecture = architecture,
            ImageSize = imageSize,
            Batch = batch,
            Precision = request.IsTiny ? Precision.Fp32 : Precision.Bf16,
            MemoryFormat = MemoryFormat.ChannelsLast,
            Threads = request.IsTiny ? Environment.ProcessorCount : Math.Min(8, Environment.ProcessorCount),
            Device = request.Device,
            Compile = false,
        };

    private static IEnumerable<CheckLine> Run(string check, CheckRequest request, IEnumerable<ComparedWork> works, double min)
    {
        TorchLibrary.Load();
        var model = Hardware.Describe(ComputeDevice.Parse(request.Device)).Name;
        foreach (var work in works)
        {
            var (result, trouble) = Compare(request, work);
            var flops =
                2
                * (double)
                    ImagePricer
                        .Price(ArchitectureCatalog.ByName(work.Architecture), new(work.Classes, work.ImageSize), work.Batch)
                        .Training.Count;
            var rate = new FlopRate(flops / result.Ours.MedianSeconds());
            var share = model is not null && DevicePeaks.Find(model, work.Precision) is { } peak ? rate.PartOf(peak) : (double?)null;
            yield return Line(check, work, result, rate, share, trouble, min);
        }
    }

    /// <summary>Without Python where there is none: what the engine does is worth knowing anyway.</summary>
    private static (ComparisonResult Result, string? Trouble) Compare(CheckRequest request, ComparedWork work)
    {
        try
        {
            return (Compare(request, work, [request.Python]), null);
        }
        catch (ConfigurationException error)
        {
            return (Compare(request, work, []), error.Message);
        }
    }

    private static ComparisonResult Compare(CheckRequest request, ComparedWork work, string[] pythons)
    {
        using var comparison = new Comparison.Comparison(
            new ComparisonRequest
            {
                Works = [work],
                Pythons = pythons,
                Script = request.Script,
                Rounds = request.IsTiny ? 3 : 5,
                TurnSeconds = request.IsTiny ? 0.1 : 0.3,
                Allocator = Allocator.AsStarted,
            }
        );
        return comparison.Run(work);
    }

    private static CheckLine Line(
        string check,
        ComparedWork work,
        ComparisonResult result,
        FlopRate rate,
        double? share,
        string? trouble,
        double min
    )
    {
        var seconds = result.Ours.MedianSeconds();
        var values = new Dictionary<string, double>
        {
            ["seconds"] = seconds,
            ["examplesPerSecond"] = work.Batch / seconds,
            ["flopsPerSecond"] = rate.PerSecond,
        };
        if (share is { } part)
            values["shareOfPeak"] = part;
        var figure = string.Create(
            CultureInfo.InvariantCulture,
            $"{seconds * 1000:F2} ms, {work.Batch / seconds:F0} images/s, {rate.PerSecond / 1e12:F3} TFLOP/s, "
                + $"{(share is { } known ? $"{known:P1} of peak" : "peak unknown")}"
        );
        var python = result.Theirs.Count > 0 ? result.Theirs[0] : null;
        var line = new CheckLine(check, work.Name, Verdict.Measured, figure, "", values);
        if (python?.Ratio is not { } ratio)
        {
            // A Python that is not there is no failure; one that computes something else is.
            var differs = python?.Description is not null && work.Device != "cpu";
            return line with
            {
                Verdict = differs ? Verdict.Failed : Verdict.Measured,
                Figure = $"{figure}; not compared: {trouble ?? python?.Refusal}",
            };
        }

        values["ratio"] = ratio;
        values["pythonSeconds"] = python.MedianSeconds();
        // A CPU with the smallest sizes says nothing about a GPU.
        return line with
        {
            Verdict =
                work.Device == "cpu" ? Verdict.Measured
                : ratio >= min ? Verdict.Passed
                : Verdict.Failed,
            Figure = string.Create(
                CultureInfo.InvariantCulture,
                $"{figure}; {ratio:F3} × PyTorch {python.Description!.Libtorch} ({python.Low:F2} to {python.High:F2})"
            ),
            Limit = string.Create(CultureInfo.InvariantCulture, $"{min:F1} ×"),
        };
    }
}
