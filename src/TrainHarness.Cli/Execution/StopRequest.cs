using System.Runtime.InteropServices;

namespace TrainHarness.Cli.Execution;

/// <summary>
/// Listens for requests to stop: SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 and, in the process of a trial, that the study run which
/// started it is gone or asks for it. A second SIGINT ends the program at once.
/// </summary>
internal sealed partial class StopRequest : IDisposable
{
    // By their numbers on Linux: how schedulers, and submitit, announce the end of a time limit.
    private const PosixSignal User1 = (PosixSignal)10;
    private const PosixSignal User2 = (PosixSignal)12;

    private const int HangUp = 1;

    private readonly CancellationTokenSource source = new();
    private readonly List<PosixSignalRegistration> registrations = [];
    private static volatile bool isTimeUp;
    private int interrupts;

    public StopRequest()
    {
        Hear(PosixSignal.SIGINT, Interrupt);
        Hear(PosixSignal.SIGTERM, source.Cancel);
        // nohup has it ignored.
        if (!IsIgnored(HangUp))
            Hear(PosixSignal.SIGHUP, source.Cancel);
        if (OperatingSystem.IsLinux())
        {
            Hear(User1, TimeIsUp);
            Hear(User2, source.Cancel);
        }

        if (ProgressLines.ForStudyRun)
            new Thread(OutliveNobody) { IsBackground = true }.Start();
    }

    /// <summary>Whether SIGUSR1 has said that a time limit comes near.</summary>
    public static bool IsTimeUp => isTimeUp;

    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        foreach (var registration in registrations)
            registration.Dispose();
        source.Dispose();
    }

    private void Hear(PosixSignal signal, Action action) => registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                action();
            }));

    // proc(5): a bit for each signal from 1 on, in hexadecimal digits.
    private static bool IsIgnored(int signal)
    {
        const string begin = "SigIgn:";
        var lines = OperatingSystem.IsLinux() ? File.ReadLines("/proc/self/status") : [];
        var line = lines.FirstOrDefault(line => line.StartsWith(begin, StringComparison.Ordinal));
        return line is not null && (Convert.ToUInt64(line[begin.Length..].Trim(), 16) & (1UL << (signal - 1))) != 0;
    }

    private void TimeIsUp()
    {
        isTimeUp = true;
        source.Cancel();
    }

    private void Interrupt()
    {
        if (Interlocked.Increment(ref interrupts) == 1)
        {
            source.Cancel();
            return;
        }

        TrialProcess.KillAll();
        Console.Error.WriteLine("Stopped at once. What came after the last checkpoint is lost; run the same command again to go on.");
        Exit(ExitStatus.Stopped);
    }

    // The study run holds the other end of this process's standard input. It closes it to ask for a stop, and the system does when it dies.
    private void OutliveNobody()
    {
        using var input = Console.OpenStandardInput();
        var bytes = new byte[64];
        while (input.Read(bytes) > 0) { }

        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The program is at its end already.
        }
    }

    // Without a word to libtorch, whose threads are at work.
    private static void Exit(int status)
    {
        if (OperatingSystem.IsWindows())
            Environment.Exit(status);
        else
            ExitAtOnce(status);
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void ExitAtOnce(int status);
}
