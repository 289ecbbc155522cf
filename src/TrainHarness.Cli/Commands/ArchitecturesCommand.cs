using System.CommandLine;
using System.Globalization;
using TrainHarness.Cli.Execution;
using TrainHarness.Cli.Terminal;
using TrainHarness.Compute;
using TrainHarness.Reports;
using TrainHarness.Training.Architectures;
using TrainHarness.Training.Compute;
using TrainHarness.Training.Native;

namespace TrainHarness.Cli.Commands;

/// <summary><c>architectures</c>: lists what can be trained.</summary>
internal static class ArchitecturesCommand
{
    private sealed record Row(string Name, string Published, string Paper, long Parameters, Macs ForwardMacs, int MinimumImageSize, int ImageSizeMultiple, string ImageSizes, bool AuxiliaryHeads);

    private static readonly NetworkOptions Asked = new(Classes: 1000, ImageSize: 224);

    public static Command Create()
    {
        var json = CommonOptions.Json();
        var command = new Command("architectures", "Lists the architectures, oldest first.\n\nExample: trainharness architectures --json") { json };
        command.SetAction(parsed => Run(parsed.GetValue(json)));
        return command;
    }

    private static int Run(bool json)
    {
        TorchLibrary.Load();
        var rows = ArchitectureCatalog.All.Select(Described).ToList();
        if (json)
        {
            CommonOptions.WriteJson(rows);
            return ExitStatus.Done;
        }

        var table = new TextTable(
            new("architecture"), new("published"), new("paper"),
            Column.Number("parameters"), Column.Number("multiply-adds"), new("image sizes"));
        foreach (var row in rows)
        {
            var parameters = row.Parameters.ToString(CultureInfo.InvariantCulture);
            table.Add(row.Name, row.Published, row.Paper, parameters, Shown.Macs(row.ForwardMacs), row.ImageSizes);
        }

        table.Write();
        Console.Out.WriteLine("Parameters and forward multiply-adds per image at 224 px with 1000 classes.");
        return ExitStatus.Done;
    }

    private static Row Described(Architecture architecture)
    {
        using var network = architecture.Build(Asked);
        return new Row(
            architecture.Name,
            architecture.Published.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            architecture.Paper,
            Architecture.Parameters(network),
            NetworkPricer.Price(network, Asked.ImageSize, batch: 1).Forward,
            architecture.MinimumImageSize,
            architecture.ImageSizeMultiple,
            architecture.Limits.Sizes,
            architecture.MinimumImageSizeWithHeads is not null);
    }
}
