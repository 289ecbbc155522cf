using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using TrainHarness.Cli.Execution;
using TrainHarness.Files;
using TrainHarness.Results;
using TrainHarness.Training.Native.Kernels;

namespace TrainHarness.GpuCheck.Comparison;

/// <summary>A process that holds a network and a batch, and trains as many steps as it is asked to; idle in between.</summary>
internal sealed class Side : IDisposable
{
    private readonly Process process;
    private readonly Task<string> lastError;

    /// <param name="command">Program and arguments.</param>
    /// <param name="environment">Changes the environment that it starts in, which else is the user's.</param>
    /// <exception cref="ConfigurationException">There is no such program.</exception>
    public Side(string name, IReadOnlyList<string> command, Action<IDictionary<string, string?>> environment)
    {
        Name = name;
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // This process may have them itself.
        MemoryAllocator.Forget(start.Environment);
        ConvolutionKernels.Forget(start.Environment);
        environment(start.Environment);
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new ConfigurationException($"{name}: {e.Message}");
        }

        lastError = Task.Run(LastError);
    }

    public string Name { get; }

    /// <summary>Gives the work to the process and waits until it has said what it is.</summary>
    public SideDescription Begin(Stream work)
    {
        try
        {
            work.CopyTo(process.StandardInput.BaseStream);
            process.StandardInput.BaseStream.Flush();
        }
        catch (IOException)
        {
            // It ended before it had read all; the answer that does not come says why.
        }

        return Answer<SideDescription>();
    }

    /// <returns>Seconds of one step, over so many.</returns>
    public double SecondsPerStep(int steps)
    {
        process.StandardInput.WriteLine(steps.ToString(CultureInfo.InvariantCulture));
        process.StandardInput.Flush();
        return Answer<Elapsed>().Seconds / steps;
    }

    public void Dispose()
    {
        try
        {
            process.StandardInput.Close();
            process.WaitForExit();
        }
        catch (IOException)
        {
            // It ended by itself, and whoever asked it has said so.
        }

        process.Dispose();
    }

    private T Answer<T>() =>
        process.StandardOutput.ReadLine() is { } line
            ? JsonSerializer.Deserialize<T>(line, ResultsJson.Options)!
            : throw new ComparisonRefusedException($"{Name} ended: {lastError.Result}");

    private string LastError()
    {
        var last = "no message";
        while (process.StandardError.ReadLine() is { } line)
            last = string.IsNullOrWhiteSpace(line) ? last : line.Trim();
        return last;
    }
}

/// <summary>What a turn took.</summary>
internal sealed record Elapsed(double Seconds);
