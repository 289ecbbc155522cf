using System.CommandLine;
using System.Globalization;
using TrainHarness.Cli.Execution;
using TrainHarness.Compute;
using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Cli.Commands;

/// <summary><c>estimate</c>: compute by time, where nobody counted it.</summary>
internal static class EstimateCommand
{
    private sealed record Answer(
        string? Gpu,
        Precision? Precision,
        double PeakFlopsPerSecond,
        string Source,
        int Count,
        double Hours,
        double Utilization,
        string Convention,
        double Flops,
        double TeraflopDays,
        double PetaflopDays,
        Counted? Counted
    );

    private sealed record Counted(Macs TrainingMacs, string Convention, UInt128 Flops, double TeraflopDays, double Utilization);

    /// <summary>Of a device of the table, or a rate that was given, which has no device and no precision.</summary>
    private sealed record Peak(string? Gpu, Precision? Precision, FlopRate Rate, string Source);

    // Twice as many FLOPs still fit 128 bits.
    private static readonly UInt128 MaxMacs = UInt128.Parse("1e36", NumberStyles.AllowExponent, CultureInfo.InvariantCulture);

    public static Command Create()
    {
        var gpu = new Option<string>("--gpu")
        {
            Description =
                "Device, by its model or as its driver names it: H100, \"NVIDIA A100-SXM4-80GB\". Known: "
                + $"{string.Join(", ", DevicePeaks.All.Select(row => row.Device))}.",
            HelpName = "NAME",
            CompletionSources = { _ => DevicePeaks.All.Select(row => row.Device) },
        };
        var teraflops = new Option<double?>("--teraflops")
        {
            Description = "Peak of one device in TFLOP/s, in place of --gpu: what a paper states, or a device that is not in the table.",
            HelpName = "N",
        };
        var count = new Option<int>("--count")
        {
            Description = "Number of devices.",
            HelpName = "N",
            Required = true,
        };
        var hours = new Option<double>("--hours")
        {
            Description = "Hours that they trained.",
            HelpName = "H",
            Required = true,
        };
        var utilization = new Option<double>("--utilization")
        {
            Description = "Part of the peak that was used; 0.33 is what AI and Compute assumes of GPUs.",
            HelpName = "U",
            DefaultValueFactory = _ => DeviceTime.UsualUtilization,
        };
        var precision = new Option<string?>("--precision")
        {
            Description = "Precision whose peak is used: fp32, tf32 or bf16; fp32 where it is missing.",
            HelpName = "NAME",
            CompletionSources = { "fp32", "tf32", "bf16" },
        };
        var macs = new Option<string?>("--macs")
        {
            Description = "Training multiply-adds of the same run as they were counted, to set beside it.",
            HelpName = "N",
        };
        var json = CommonOptions.Json();
        var command = new Command(
            "estimate",
            "Estimates training compute from devices and hours (method 2 of AI and Compute); right to within a factor of two or "
                + "three.\n\nExample: trainharness estimate --gpu \"GTX 580\" --count 2 --hours 132"
        )
        {
            gpu,
            teraflops,
            count,
            hours,
            utilization,
            precision,
            macs,
            json,
        };
        command.SetAction(parsed =>
        {
            var answer = Estimate(
                PeakOf(parsed.GetValue(gpu), parsed.GetValue(teraflops), parsed.GetValue(precision)),
                parsed.GetValue(count),
                parsed.GetValue(hours),
                parsed.GetValue(utilization),
                parsed.GetValue(macs)
            );
            if (parsed.GetValue(json))
                CommonOptions.WriteJson(answer);
            else
                Show(answer);
            return ExitStatus.Done;
        });
        return command;
    }

    private static Peak PeakOf(string? gpu, double? teraflops, string? precisionName)
    {
        if (gpu is null == teraflops is null)
            throw new ConfigurationException(
                "--gpu, --teraflops: " + (gpu is null ? "neither is given" : "both are given") + "; allowed: one of the two."
            );
        if (teraflops is { } rate)
        {
            if (precisionName is not null)
                throw new ConfigurationException("--precision: a rate that is given has none; allowed: with --gpu.");
            return rate is > 0 and <= 1e9
                ? new Peak(null, null, new FlopRate(rate * 1e12), "as given")
                : throw new ConfigurationException(
                    string.Create(CultureInfo.InvariantCulture, $"--teraflops: {rate} is out of range; allowed: above 0, to 1e9.")
                );
        }

        var device = DevicePeaks.Find(gpu!)
            ?? throw new ConfigurationException(
                $"--gpu: unknown device '{gpu}'; "
                    + NearNames.Allowed(gpu!, DevicePeaks.All.Select(row => row.Device), "trainharness estimate --help")
            );
        var precision = precisionName is null ? Precision.Fp32 : ParsePrecision(precisionName);
        var peak = device.At(precision)
            ?? throw new ConfigurationException(
                $"--precision: {device.Device} has no {Name(precision)}; allowed: "
                    + $"{string.Join(", ", Enum.GetValues<Precision>().Where(other => device.At(other) is not null).Select(Name))}."
            );
        return new Peak(device.Device, precision, peak, device.Source);
    }

    private static Answer Estimate(Peak peak, int count, double hours, double utilization, string? macs)
    {
        if (count is < 1 or > 1_000_000)
            throw new ConfigurationException($"--count: {count} is out of range; allowed: 1 to 1000000.");
        if (!(hours is > 0 and <= 1e6))
            throw new ConfigurationException(
                string.Create(CultureInfo.InvariantCulture, $"--hours: {hours} is out of range; allowed: above 0, to 1000000.")
            );
        if (!(utilization is > 0 and <= 1))
            throw new ConfigurationException(
                string.Create(CultureInfo.InvariantCulture, $"--utilization: {utilization} is out of range; allowed: above 0, to 1.")
            );
        var time = new DeviceTime(peak.Rate, count, hours);
        var flops = time.At(utilization);
        return new Answer(
            peak.Gpu,
            peak.Precision,
            peak.Rate.PerSecond,
            peak.Source,
            count,
            hours,
            utilization,
            StatedConvention.NameOf(flops.Convention),
            (double)flops.Count,
            flops.ToTeraflopDays(),
            flops.ToTeraflopDays() / 1000,
            macs is null ? null : Count(time, ParseMacs(macs))
        );
    }

    private static Counted Count(DeviceTime time, Macs macs)
    {
        var flops = Flops.Training(ComputeLedger.Empty with { Forward = macs }, Convention.Exact);
        return new Counted(macs, StatedConvention.NameOf(flops.Convention), flops.Count, flops.ToTeraflopDays(), time.UtilizationBy(macs));
    }

    private static Macs ParseMacs(string text) =>
        UInt128.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var whole)
        && whole > 0
        && whole <= MaxMacs
            ? new Macs(whole)
            : throw new ConfigurationException(
                $"--macs: '{text}' is no number of multiply-adds; allowed: a whole number from 1 to 1e36, such as 11600000000 or 1.16e10."
            );

    private static Precision ParsePrecision(string name)
    {
        foreach (var precision in Enum.GetValues<Precision>())
        {
            if (Name(precision) == name)
                return precision;
        }

        throw new ConfigurationException(
            $"--precision: unknown precision '{name}'; {NearNames.Allowed(name, Enum.GetValues<Precision>().Select(Name))}"
        );
    }

    private static string Name(Precision precision) => precision.ToString().ToLowerInvariant();

    private static string Four(double value) => SignificantDigits.Of(value, 4);

    private static void Show(Answer answer)
    {
        var precision = answer.Precision is { } named ? $" ({Name(named)}, dense)" : "";
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{answer.Count} × {answer.Gpu ?? "a device"} for {answer.Hours:G6} hours at {answer.Utilization:P0} of "
                + $"{Four(answer.PeakFlopsPerSecond / 1e12)} TFLOP/s{precision}: {Four(answer.TeraflopDays)} "
                + $"teraflop/s-days, {Four(answer.PetaflopDays)} petaflop/s-days ({Four(answer.Flops)} FLOPs, a multiply-add as two)."
        );
        Console.Out.WriteLine(text);
        Console.Out.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Peak: {answer.Source}{(answer.Gpu is null ? "" : $"; table of {DevicePeaks.AsOf:yyyy-MM-dd}")}. An estimate by time is right to within a factor of "
                    + $"two or three."
            )
        );
        if (answer.Counted is { } counted)
            Console.Out.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Counted: {Four(counted.TeraflopDays)} teraflop/s-days ({Four((double)counted.Flops)} FLOPs, exact). The devices "
                        + $"used {counted.Utilization:P1} of their peak."
                )
            );
    }
}
