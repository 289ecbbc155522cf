using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using TrainHarness.Results;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Native;
using TrainHarness.Training.Native.Kernels;
using TrainHarness.Training.Native.Libtorch;
using static TorchSharp.torch;

namespace TrainHarness.Training.Kernels;

/// <summary>Compares the layers of a network with double precision in a process of its own, which may crash or hang.</summary>
public static class KernelCheckProcess
{
    /// <summary>The only argument of that process; who starts the program with it writes a request to its standard input.</summary>
    public const string Verb = "kernel-check";

    // One layer in double precision takes a minute on one slow core; nothing takes an hour.
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(10);

    // A wrong result may be no number at all.
    private static readonly JsonSerializerOptions Line = new(ResultsJson.Options)
    {
        WriteIndented = false,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>That process: a line for each layer, then an empty one.</summary>
    /// <returns>The exit status.</returns>
    public static int Serve(TextReader input, TextWriter output)
    {
        var request = JsonSerializer.Deserialize<KernelCheckRequest>(input.ReadLine()!, Line)!;
        try
        {
            TorchLibrary.Load();
        }
        catch (TorchLoadException error)
        {
            Console.Error.WriteLine(error.Message);
            return Unavailable;
        }

        ComputeDevice.Set(request.Threads, request.Precision, deterministic: false);
        random.manual_seed(1);
        foreach (var layer in NetworkLayers.Of(request))
        {
            output.WriteLine(JsonSerializer.Serialize(LayerCheck.Run(layer, request.Precision, request.MemoryFormat), Line));
            output.Flush();
        }

        output.WriteLine();
        return 0;
    }

    /// <param name="program">The program that serves the verb, and its arguments before it.</param>
    public static KernelFinding Run(
        IReadOnlyList<string> program,
        KernelCheckRequest request,
        KernelSet? kernels,
        CancellationToken cancellation
    ) => Run(program, request, kernels, Silence, cancellation);

    private const int Unavailable = 3;

    /// <param name="kernels">Null for those that the user has limited oneDNN to.</param>
    /// <param name="silence">How long one layer may take.</param>
    internal static KernelFinding Run(
        IReadOnlyList<string> program,
        KernelCheckRequest request,
        KernelSet? kernels,
        TimeSpan silence,
        CancellationToken cancellation
    )
    {
        var name = kernels?.Name ?? KernelChoice.Users;
        var start = new ProcessStartInfo(program[0], [.. program.Skip(1), Verb])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (kernels is not null)
            ConvolutionKernels.Hand(start.Environment, kernels);
        using var process = Process.Start(start)!;
        using var stop = cancellation.Register(() => Kill(process));
        var errors = Task.Run(() => LastLine(process.StandardError), CancellationToken.None);
        List<LayerErrors> layers = [];
        var isWhole = false;
        try
        {
            process.StandardInput.WriteLine(JsonSerializer.Serialize(request, Line));
            process.StandardInput.Close();
            while (NextLine(process, silence) is { } line && !isWhole)
            {
                isWhole = line.Length == 0;
                if (!isWhole)
                    layers.Add(JsonSerializer.Deserialize<LayerErrors>(line, Line)!);
            }
        }
        catch (TimeoutException)
        {
            Kill(process);
            return new KernelFinding(
                name,
                KernelOutcome.Hung,
                $"no answer for {silence.TotalSeconds:0} s, after {layers.Count} layers",
                layers
            );
        }
        catch (Exception error) when (error is IOException or JsonException)
        {
            // It ended while it read or wrote, or what it wrote is nothing that was asked for; how it ended is said below.
            Kill(process);
        }

        process.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        if (process.ExitCode == Unavailable)
            return new KernelFinding(name, KernelOutcome.Unavailable, errors.Result, []);
        // Less than all layers is not all layers, whatever the status says.
        if (process.ExitCode != 0 || !isWhole || layers.Count == 0)
            return new KernelFinding(
                name,
                KernelOutcome.Crashed,
                $"ended with status {process.ExitCode} after {layers.Count} layers: {errors.Result}",
                layers
            );
        return layers.FirstOrDefault(layer => layer.Wrong is not null) is { } wrong
            ? new KernelFinding(name, KernelOutcome.Wrong, wrong.Wrong, layers)
            : new KernelFinding(name, KernelOutcome.Right, null, layers);
    }

    private static string? NextLine(Process process, TimeSpan silence)
    {
        var line = process.StandardOutput.ReadLineAsync(CancellationToken.None).AsTask();
        return line.Wait(silence) ? line.Result : throw new TimeoutException();
    }

    private static string LastLine(StreamReader errors)
    {
        var last = "no message";
        while (errors.ReadLine() is { } line)
            last = string.IsNullOrWhiteSpace(line) ? last : line.Trim();
        return last;
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It ended by itself just now.
        }
    }
}
