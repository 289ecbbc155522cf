using System.CommandLine;
using System.CommandLine.Invocation;
using TrainHarness.Cli.Commands;
using TrainHarness.Cli.Execution;
using TrainHarness.Cli.Terminal;
using TrainHarness.Files;
using TrainHarness.Training;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Kernels;
using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Cli;

/// <summary>The program, with the workloads that come with it or, for a program of somebody else, with more.</summary>
public static class Program
{
    public static Task<int> Main(string[] args) => Run(args, WorkloadCatalog.Shipped);

    /// <summary>Does what the command line asks.</summary>
    /// <returns>The exit status.</returns>
    public static async Task<int> Run(string[] args, WorkloadCatalog workloads)
    {
        // No command of the user's: a study run starts it, see KernelCheckProcess.
        if (args is [KernelCheckProcess.Verb])
            return KernelCheckProcess.Serve(Console.In, Console.Out);

        if (args is [DeviceProbe.Verb, var device])
            return DeviceProbe.Serve(device);

        StandardStreams.RequireOwn();
        WaitPolicy.StartLooking();
        Screen.Open();
        var root = CommandLine.Create(workloads);
        var parsed = root.Parse(args);
        if (CommandLine.Problem(parsed) is { } problem)
        {
            Console.Error.WriteLine(problem);
            return ExitStatus.BadUsage;
        }

        // What cannot stop on request is ended by a signal as any program is.
        using var stop = parsed.Action is AsynchronousCommandLineAction ? new StopRequest() : null;
        try
        {
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            var status = await parsed.InvokeAsync(configuration, stop?.Token ?? CancellationToken.None);
            if (status != ExitStatus.Done || Screen.Output.Failure is not { } failure || CommandLine.LeavesFiles(parsed))
                return status;
            Console.Error.WriteLine($"The answer could not be written to standard output: {failure}");
            return ExitStatus.Failed;
        }
        catch (Exception error) when (error is ConfigurationException or TorchLoadException)
        {
            Console.Error.WriteLine(error.Message);
            return ExitStatus.BadUsage;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine(
                "Stopped on request. Finished trials are kept, and an unfinished one goes on from its checkpoint; run the same command "
                    + "again to go on."
            );
            return ExitStatus.Stopped;
        }
        catch (TargetAwaitedException error)
        {
            Console.Error.WriteLine(error.Message);
            return ExitStatus.AwaitsTarget;
        }
#pragma warning disable CA1031 // Whatever else went wrong is one line here; the log of the trial has the whole story.
        catch (Exception error)
        {
            Console.Error.WriteLine(
                error is IOException or UnauthorizedAccessException or InsufficientMemoryException
                    ? error.Message
                    : $"{error.GetType().Name}: {error.Message.Split('\n')[0]}"
            );
            return ExitStatus.Failed;
        }
#pragma warning restore CA1031
    }
}
