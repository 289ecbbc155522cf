using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Native.Kernels;
using TrainHarness.Training.Running;
using TrainHarness.Training.Workloads;

namespace TrainHarness.Cli.Execution;

/// <summary>Runs one trial in a process of its own, so that a crash in native code costs that trial only.</summary>
internal static class TrialProcess
{
    // A terminal signals the whole group: a process that is just starting has no ear yet and ends by the signal, 128 + its number.
    // By SIGHUP, SIGINT, SIGUSR1, SIGUSR2 and SIGTERM.
    private static readonly int[] EndedBySignal = [128 + 1, 128 + 2, 128 + 10, 128 + 12, 128 + 15];

    private const string DataVariable = "TRAINHARNESS_PACK";

    /// <summary><see cref="IPreparedData.Identity"/> of the data that the study run has verified; null without a study run.</summary>
    private static string? VerifiedData => Environment.GetEnvironmentVariable(DataVariable);

    private const string AloneVariable = "TRAINHARNESS_ALONE";

    /// <summary>False where other trials of the study run on the same processors, whose energy nothing tells apart.</summary>
    private static bool IsAlone => Environment.GetEnvironmentVariable(AloneVariable) != "0";

    /// <summary>What the command line asks of the trial of this process.</summary>
    public static TrialRequest Request(
        IWorkload workload,
        Study study,
        Trial trial,
        ResultStore store,
        StudyRequest asked,
        string cacheFolder
    ) =>
        new()
        {
            Workload = workload,
            Study = study,
            Trial = trial,
            Store = store,
            Device = asked.Device,
            Data = asked.DataPath,
            CacheFolder = cacheFolder,
            PerDevice = asked.PerDevice,
            IsAlone = IsAlone,
            VerifiedData = VerifiedData,
        };

    /// <summary>The trials that run now.</summary>
    private static readonly ConcurrentDictionary<Process, bool> Running = [];

    /// <param name="prepared">What the trial is to be measured on.</param>
    /// <param name="kernels">What it convolves by on a CPU; null where nothing was chosen.</param>
    /// <param name="wait">How its threads wait; null on a GPU.</param>
    /// <param name="tell">Takes the lines of the trial that are no progress.</param>
    /// <returns>Null when the process ended well, or stopped on request; otherwise how it ended.</returns>
    public static async Task<ProcessEnd?> Run(
        Protocol.Trial trial,
        StudyRequest request,
        IPreparedData prepared,
        KernelSet? kernels,
        WaitPolicy? wait,
        Action<TrainingProgress> progress,
        Action<string> tell,
        CancellationToken cancellation
    )
    {
        using var process = Process.Start(Command(trial, request, prepared, kernels, wait))!;
        Running[process] = true;
        await using var stop = cancellation.Register(process.StandardInput.Close);
        var lastError = "";
        var errors = Task.Run(
            async () =>
            {
                while (await process.StandardError.ReadLineAsync(CancellationToken.None) is { } line)
                    lastError = SaysNothing(line) ? lastError : line.Trim();
            },
            CancellationToken.None
        );
        while (await process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
        {
            if (ProgressLines.Parse(line) is { } parsed)
                progress(parsed);
            else if (line.Length > 0)
                tell(line);
        }

        await process.WaitForExitAsync(CancellationToken.None);
        await errors;
        Running.TryRemove(process, out _);
        var wasAsked = cancellation.IsCancellationRequested;
        var stopped = process.ExitCode == ExitStatus.Stopped || EndedBySignal.Contains(process.ExitCode);
        return process.ExitCode == ExitStatus.Done || (wasAsked && stopped) ? null
            : process.ExitCode == ExitStatus.AwaitsTarget ? ProcessEnd.AwaitsTarget
            : ProcessDeath.Of(process.ExitCode, lastError);
    }

    /// <summary>Ends all of them at once.</summary>
    public static void KillAll()
    {
        foreach (var process in Running.Keys)
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

    // The runtime and libtorch end what they say of a crash with where it was. libtorch's warnings, such as of a processor that NNPACK does
    // not know, are not why.
    private static bool SaysNothing(string line) =>
        string.IsNullOrWhiteSpace(line)
        || line.StartsWith(TrialPhases.Mark, StringComparison.Ordinal)
        || line.StartsWith("   at ", StringComparison.Ordinal)
        || line.StartsWith("[W", StringComparison.Ordinal)
        || line.StartsWith("frame #", StringComparison.Ordinal);

    private static ProcessStartInfo Command(
        Protocol.Trial trial,
        StudyRequest request,
        IPreparedData prepared,
        KernelSet? kernels,
        WaitPolicy? wait
    )
    {
        var start = new ProcessStartInfo(ThisProgram.Command[0], ThisProgram.Command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments =
        [
            "study",
            request.Verb,
            request.File,
            "--trial",
            trial.Id,
            "--device",
            request.Device,
            "--results",
            request.ResultsFolder,
            .. request.PerDevice > 1 ? (string[])["--per-device", request.PerDevice.ToString(CultureInfo.InvariantCulture)] : [],
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        if (request.DataPath is { } data)
        {
            start.ArgumentList.Add("--data");
            start.ArgumentList.Add(data);
        }

        start.Environment[ProgressLines.Variable] = "json";
        // What it writes is for this process, which wraps it for people.
        start.Environment.Remove("COLUMNS");
        start.Environment[DataVariable] = prepared.Identity;
        start.Environment[AloneVariable] = request.Parallel > 1 || request.IsTask ? "0" : "1";
        MemoryAllocator.Choose(start.Environment);
        wait?.Choose(start.Environment);
        if (kernels is not null)
            ConvolutionKernels.Hand(start.Environment, kernels);
        return start;
    }
}
