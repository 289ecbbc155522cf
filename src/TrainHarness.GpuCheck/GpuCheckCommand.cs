using System.CommandLine;
using System.CommandLine.Help;
using System.Globalization;
using TrainHarness.Cli.Execution;
using TrainHarness.Files;
using TrainHarness.GpuCheck.Checks;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Native;

namespace TrainHarness.GpuCheck;

/// <summary>What scripts/gpu-check calls.</summary>
internal static class GpuCheckCommand
{
    private const double MaxMinutes = 600;

    public static Command Create()
    {
        string[] names = [.. Check.All.Select(check => check.Name)];
        var device = new Option<string>("--device")
        {
            Description = "auto, cpu, cuda or cuda:N. A CPU takes the smallest sizes: it shows that the checks work.",
            HelpName = "NAME",
            DefaultValueFactory = _ => "auto",
        };
        var python = new Option<string>("--python")
        {
            Description = "A Python with PyTorch to compare with, and its arguments.",
            HelpName = "CMD",
            DefaultValueFactory = _ => "python3",
        };
        var output = new Option<string>("--output")
        {
            Description = "Folder for gpu-check.md, gpu-check.json and the logs.",
            HelpName = "DIR",
            DefaultValueFactory = _ => "gpu-check",
        };
        var only = new Option<string[]>("--only")
        {
            Description = $"Some of the checks: {string.Join(", ", names)}.",
            HelpName = "NAME",
            AllowMultipleArgumentsPerToken = true,
        }.AcceptOnlyFromAmong(names);
        var minutes = new Option<double>("--minutes")
        {
            Description = "All of it, at most; what does not fit is not run.",
            HelpName = "N",
            DefaultValueFactory = _ => GpuCheckRun.UsualMinutes,
        };
        var command = new RootCommand(
            "Proves that this machine trains as it should: one summary table. Exit status 1 where something failed, 2 on bad "
                + "usage.\n\nExample: scripts/gpu-check --output gpu-check\n\nThe same program also does: compare "
                + "(scripts/compare-pytorch)."
        );
        command.Options.Clear();
        foreach (var option in (Option[])[device, python, output, only, minutes, new HelpOption()])
            command.Options.Add(option);
        command.SetAction(
            (parsed, cancellation) =>
                Run(
                    parsed.GetRequiredValue(device),
                    parsed.GetRequiredValue(python),
                    parsed.GetRequiredValue(output),
                    parsed.GetValue(only) ?? [],
                    parsed.GetValue(minutes),
                    cancellation
                )
        );
        return command;
    }

    private static async Task<int> Run(
        string device,
        string python,
        string output,
        string[] only,
        double minutes,
        CancellationToken cancellation
    )
    {
        if (minutes is not (> 0 and <= MaxMinutes))
            throw new ConfigurationException(
                string.Create(CultureInfo.InvariantCulture, $"--minutes: {minutes}; allowed: more than 0, at most {MaxMinutes}.")
            );
        var folder = Path.GetFullPath(output);
        var (name, machine) = Machine(device);
        Prepare(folder);
        var request = new CheckRequest(name, python, Path.Combine(AppContext.BaseDirectory, "compare-pytorch.py"), folder, 0);
        var run = new GpuCheckRun(machine, folder, minutes);
        await run.Run(Check.All.Where(check => only.Length == 0 || only.Contains(check.Name)), request, cancellation);
        Console.Out.Write(run.Report.ToMarkdown());
        return run.Report.HasFailed() ? 1 : 0;
    }

    /// <summary>The device by its full name, and a line about what runs where.</summary>
    private static (string Device, string Machine) Machine(string name)
    {
        var library = TorchLibrary.Load();
        var device = ComputeDevice.Parse(name);
        var (model, driver) = Hardware.Describe(device);
        var shown =
            device.type == TorchSharp.DeviceType.CPU
                ? "cpu"
                : string.Create(CultureInfo.InvariantCulture, $"cuda:{Math.Max(0, device.index)}");
        var processor = shown == "cpu" ? "" : $", beside {Hardware.Processor() ?? "an unknown processor"}";
        return (
            shown,
            $"{model ?? "Unknown device"} ({shown}{(driver is null ? "" : $", driver {driver}")}){processor}, "
                + $"{Environment.ProcessorCount} processors; libtorch {library.Version ?? "of unknown version"} for {library.Backend}; "
                + $".NET {Environment.Version}; {System.Runtime.InteropServices.RuntimeInformation.OSDescription}."
        );
    }

    private static void Prepare(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            Disk.TryWrite(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException(
                $"--output: {folder} cannot be written ({error.Message}); allowed: a folder that this user may write to.",
                error
            );
        }
    }
}
