using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace TrainHarness.Training.Devices;

/// <summary>Names of the processor and of the GPU. Unknown is null.</summary>
public static class Hardware
{
    public static (string? Name, string? Driver) Describe(Device device) =>
        device.type == DeviceType.CUDA ? Gpu(Math.Max(0, device.index)) : (Processor(), null);

    public static string? Processor()
    {
        if (!File.Exists("/proc/cpuinfo"))
            return System.Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
        var line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }

    public static (string? Name, string? Driver) Gpu(int index)
    {
        try
        {
            using var query = Process.Start(
                new ProcessStartInfo(
                    "nvidia-smi",
                    [
                        "--query-gpu=name,driver_version",
                        "--format=csv,noheader",
                        string.Create(CultureInfo.InvariantCulture, $"--id={index}"),
                    ]
                )
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                }
            )!;
            var cells = query.StandardOutput.ReadToEnd().Split(',', StringSplitOptions.TrimEntries);
            query.WaitForExit();
            return query.ExitCode == 0 && cells.Length == 2 ? (cells[0], cells[1]) : (null, null);
        }
        catch (Win32Exception)
        {
            return (null, null);
        }
    }
}
