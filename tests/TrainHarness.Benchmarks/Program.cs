using BenchmarkDotNet.Running;
using TrainHarness.Benchmarks.Comparison;
using TrainHarness.Protocol;
using TrainHarness.Training.Native;

if (args is [CompareCommand.SideVerb, var file])
    return HarnessSide.Serve(file);
if (args is not [CompareCommand.Verb, ..])
{
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
    return 0;
}

var command = CompareCommand.Create();
var parsed = command.Parse(args[1..]);
if (parsed.Errors.Count > 0)
{
    Console.Error.WriteLine(string.Join(' ', parsed.Errors.Select(error => error.Message)));
    return 2;
}

try
{
    return parsed.Invoke(new() { EnableDefaultExceptionHandler = false });
}
catch (Exception error) when (error is ConfigurationException or TorchLoadException)
{
    Console.Error.WriteLine(error.Message);
    return 2;
}
catch (ComparisonRefusedException error)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}
