using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using TrainHarness.Results;
using TrainHarness.Training.Engine;

namespace TrainHarness.Cli.Tests;

/// <summary>The real program while it runs, saying on standard error what it does.</summary>
internal sealed class RunningProgram : IDisposable
{
    private readonly Process process;
    private readonly Task<string> output;

    private RunningProgram(Process process)
    {
        this.process = process;
        output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>What it said on standard error up to now.</summary>
    public List<string> Errors { get; } = [];

    public int ProcessId => process.Id;

    /// <summary>The phase that was announced last.</summary>
    public TrialPhase? Phase { get; private set; }

    public static RunningProgram Start(WorkFolder folder, params IEnumerable<string> arguments) => Start(folder, [], arguments);

    public static RunningProgram Start(
        WorkFolder folder,
        IReadOnlyList<(string Name, string Value)> environment,
        IEnumerable<string> arguments
    ) => Start(folder, Trainharness.Program, environment, arguments);

    public static RunningProgram Start(
        WorkFolder folder,
        string file,
        IReadOnlyList<(string Name, string Value)> environment,
        IEnumerable<string> arguments
    )
    {
        // A shell has what it starts in the background ignore SIGINT, and nohup SIGHUP, tests among it, and who ignores it hands that on.
        return OperatingSystem.IsLinux()
            ? StartBy("env", ["--default-signal=INT,HUP", file, .. arguments], folder, environment)
            : StartBy(file, arguments, folder, environment);
    }

    /// <summary>By way of another program that becomes it.</summary>
    public static RunningProgram StartBy(
        string program,
        IEnumerable<string> arguments,
        WorkFolder folder,
        IReadOnlyList<(string Name, string Value)> environment
    )
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder.Path,
        };
        // The program chooses its allocator itself, whatever the tests run with.
        start.Environment.Remove("LD_PRELOAD");
        start.Environment["TRAINHARNESS_CACHE"] = folder["cache"];
        // Nor does a record depend on what else runs.
        start.Environment["TRAINHARNESS_WAIT"] = "passive";
        start.Environment[TrialPhases.Variable] = "1";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new RunningProgram(Process.Start(start)!);
    }

    /// <summary>Reads on until a line is as wanted; false where the program ended before.</summary>
    public async Task<bool> ReadUntil(Func<string, bool> wanted)
    {
        while (await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            Errors.Add(line);
            if (line.StartsWith(TrialPhases.Mark, StringComparison.Ordinal))
                Phase = Enum.Parse<TrialPhase>(line[TrialPhases.Mark.Length..]);
            if (wanted(line))
                return true;
        }

        return false;
    }

    public Task<bool> ReadUntil(TrialPhase phase) => ReadUntil(line => line == TrialPhases.Mark + phase);

    /// <summary>SIGKILL, unless it has ended by itself.</summary>
    public void Kill() => process.Kill();

    public Task Send(string signal) => Send(signal, process.Id);

    /// <summary>To another one and to it, by one command.</summary>
    public async Task SendToBoth(string signal, int other) => Assert.True(await TrySend(signal, other, process.Id));

    public static async Task Send(string signal, int processId) => Assert.True(await TrySend(signal, processId));

    /// <summary>False where a process is gone.</summary>
    public static async Task<bool> TrySend(string signal, params int[] processIds)
    {
        using var kill = Process.Start(
            new ProcessStartInfo("kill", [$"-{signal}", .. processIds.Select(id => id.ToString(CultureInfo.InvariantCulture))])
            {
                RedirectStandardError = true,
            }
        )!;
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        return kill.ExitCode == 0;
    }

    /// <returns>The exit status.</returns>
    public async Task<int> End()
    {
        await ReadUntil(_ => false);
        await output;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }

    /// <summary>What it said on standard output; only once it has ended.</summary>
    public Task<string> Output => output;

    /// <summary>The process that holds a trial, as soon as one does.</summary>
    public static async Task<TrialHolder> HolderOf(string trialFolder)
    {
        while (true)
        {
            try
            {
                if (
                    Directory.Exists(trialFolder)
                    && Directory.GetFiles(trialFolder, "attempt-*.lock") is [var file]
                    && JsonSerializer.Deserialize<TrialHolder>(await File.ReadAllTextAsync(file), ResultsJson.Options) is { } holder
                )
                    return holder;
            }
            catch (FileNotFoundException)
            {
                // Its process went just now.
            }

            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The same, past the lock of one that is dead.</summary>
    public static async Task<TrialHolder> LivingHolderOf(string trialFolder)
    {
        while (true)
        {
            var holder = await HolderOf(trialFolder);
            if (holder.Lives() == true)
                return holder;
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Again and again: the runtime answers the first SIGABRT from outside by no more than unhooking itself.</summary>
    public static async Task SendUntilItEnds(string signal, TrialHolder process)
    {
        while (process.Lives() == true)
            await TrySend(signal, process.ProcessId);
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        process.Dispose();
    }
}
