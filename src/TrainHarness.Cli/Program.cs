using System.CommandLine;
using TrainHarness.Cli.Commands;
using TrainHarness.Cli.Execution;
using TrainHarness.Protocol;
using TrainHarness.Training.Native;

var root = new RootCommand("Measures how much less compute a newer network needs to reach the same accuracy.");
root.Subcommands.Add(StudyCommand.Create());
root.Subcommands.Add(ReportCommand.Create());
root.Subcommands.Add(FlopsCommand.Create());
root.Subcommands.Add(ArchitecturesCommand.Create());

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    Console.Error.WriteLine($"{parsed.Errors[0].Message} Try: trainharness --help");
    return ExitStatus.BadUsage;
}

try
{
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
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
catch (IOException error)
{
    Console.Error.WriteLine(error.Message);
    return ExitStatus.Failed;
}
