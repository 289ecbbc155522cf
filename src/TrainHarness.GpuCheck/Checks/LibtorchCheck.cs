using System.Globalization;
using TorchSharp;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Native;

namespace TrainHarness.GpuCheck.Checks;

/// <summary>Whether the loaded libtorch is one that the program can trust, and whether it computes on the device.</summary>
internal static class LibtorchCheck
{
    private const string Name = "libtorch";

    public static Check Check { get; } = new(Name, "the layout of its tensors, and the device", 30, Run);

    private static IEnumerable<CheckLine> Run(CheckRequest request)
    {
        var library = TorchLibrary.Load();
        yield return CheckLine.Measured(
            Name,
            "loaded",
            $"{library.Version ?? "of unknown version"} for {library.Backend} from {library.Folder}"
        );
        var mismatch = library.Misfit is null ? LayoutProbe.Run(TorchLibrary.TorchSharp) : null;
        yield return library.Misfit is null
            ? CheckLine.Of(Name, "layout probe", mismatch is null, mismatch ?? "every fact agrees", "TorchSharp reads what libtorch says")
            : CheckLine.Measured(Name, "layout probe", $"called by its dispatcher: {library.Misfit}");
        var device = ComputeDevice.Parse(request.Device);
        using (var ones = torch.ones(1000, device: device))
        using (var sum = ones.sum())
            yield return CheckLine.Of(
                Name,
                "sum of 1,000 ones",
                sum.item<float>() == 1000,
                sum.item<float>().ToString(CultureInfo.InvariantCulture),
                "1000"
            );
        yield return DeviceMemory.Of(device) is { } memory
            ? CheckLine.Measured(
                Name,
                "device memory",
                string.Create(CultureInfo.InvariantCulture, $"{memory.Free / 1e9:F1} of {memory.Total / 1e9:F1} GB free")
            )
            : CheckLine.NotRun(Name, "device memory", request.IsTiny ? "no CUDA device" : "this libtorch does not tell");
    }
}
