using System.CommandLine;
using System.Runtime.InteropServices;
using TrainHarness.Cli.Commands;
using TrainHarness.Cli.Execution;
using TrainHarness.Protocol;
using TrainHarness.Training.Native;

var root = CommandLine.Create();
var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    Console.Error.WriteLine($"{string.Join(' ', parsed.Errors.Select(error => error.Message))} Try: trainharness --help");
    return ExitStatus.BadUsage;
}

using var stop = new CancellationTokenSource();
// SIGUSR1, by its number on Linux: how schedulers announce the end of a time limit.
using var signal = OperatingSystem.IsLinux() ? PosixSignalRegistration.Create((PosixSignal)10, context => Stop(context, stop)) : null;
try
{
    return await parsed.InvokeAsync(
        new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromMinutes(1) }, stop.Token);
}
catch (Exception error) when (error is ConfigurationException or TorchLoadException)
{
    Console.Error.WriteLine(error.Message);
    return ExitStatus.BadUsage;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("Stopped on request. Finished trials are kept; run the same command again to go on.");
    return ExitStatus.Stopped;
}
#pragma warning disable CA1031 // Whatever else went wrong is one line here; the log of the trial has the whole story.
catch (Exception error)
{
    Console.Error.WriteLine(error is IOException or UnauthorizedAccessException ? error.Message : $"{error.GetType().Name}: {error.Message.Split('\n')[0]}");
    return ExitStatus.Failed;
}
#pragma warning restore CA1031

static void Stop(PosixSignalContext context, CancellationTokenSource stop)
{
    context.Cancel = true;
    stop.Cancel();
}
