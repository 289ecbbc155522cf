using System.Diagnostics;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Native;
using static TorchSharp.torch;

namespace TrainHarness.Cli.Execution;

/// <summary>
/// Asks a device for a small sum, in a process of its own: a GPU that fell off the bus may hang whoever talks to it, or end it.
/// </summary>
internal static class DeviceProbe
{
    /// <summary>The first argument of that process; the second is the device.</summary>
    public const string Verb = "device-probe";

    private const int Count = 1000;

    // A driver that starts anew takes some seconds, and a machine that is busy some more.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>That process. Whatever a broken device does to it is the answer.</summary>
    /// <returns>The exit status.</returns>
    public static int Serve(string device)
    {
        TorchLibrary.Load();
        using var numbers = ones(Count, device: ComputeDevice.Parse(device));
        using var sum = numbers.sum();
        using var onHost = sum.cpu();
        return onHost.item<float>() == Count ? ExitStatus.Done : ExitStatus.Failed;
    }

    public static async Task<bool> Answers(string device)
    {
        var start = new ProcessStartInfo(ThisProgram.Command[0], [.. ThisProgram.Command.Skip(1), Verb, device])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
            return process.ExitCode == ExitStatus.Done;
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            return false;
        }
    }
}
