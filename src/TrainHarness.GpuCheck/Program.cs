using TrainHarness.Files;
using TrainHarness.GpuCheck;
using TrainHarness.GpuCheck.Checks;
using TrainHarness.GpuCheck.Comparison;
using TrainHarness.Training.Kernels;
using TrainHarness.Training.Native.Libtorch;

switch (args)
{
    case [CheckProcess.Verb, var check, var request]:
        return CheckProcess.Serve(check, request);
    case [KernelCheckProcess.Verb]:
        return KernelCheckProcess.Serve(Console.In, Console.Out);
    case [CompareCommand.SideVerb, var file]:
        return HarnessSide.Serve(file);
    case [SingleLayer.Verb, var layer, var device]:
        return SingleLayer.Serve(layer, device);
}

var parsed = args is [CompareCommand.Verb, ..] ? CompareCommand.Create().Parse(args[1..]) : GpuCheckCommand.Create().Parse(args);
if (parsed.Errors.Count > 0)
{
    Console.Error.WriteLine(string.Join(' ', parsed.Errors.Select(error => error.Message)));
    return 2;
}

try
{
    return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false });
}
catch (Exception error) when (error is ConfigurationException or TorchLoadException)
{
    Console.Error.WriteLine(error.Message);
    return 2;
}
catch (OperationCanceledException)
{
    return 1;
}
catch (ComparisonRefusedException error)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}
