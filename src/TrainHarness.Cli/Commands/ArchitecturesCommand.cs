using System.CommandLine;
using System.Globalization;
using TrainHarness.Cli.Execution;
using TrainHarness.Cli.Terminal;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Reports.Wording;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;

namespace TrainHarness.Cli.Commands;

/// <summary><c>architectures</c>: lists what can be trained.</summary>
internal static class ArchitecturesCommand
{
    private sealed record Row(
        string Name,
        string Published,
        string Paper,
        long Parameters,
        Macs ForwardMacs,
        int MinimumImageSize,
        int ImageSizeMultiple,
        string ImageSizes,
        bool AuxiliaryHeads
    );

    public static Command Create()
    {
        var filter = CommonOptions.Filter("architectures");
        var json = CommonOptions.Json();
        var command = new Command(
            "architectures",
            "Lists the architectures, oldest first.\n\nExample: trainharness architectures 'resnet*'"
        )
        {
            filter,
            json,
        };
        command.SetAction(parsed => Run(parsed.GetValue(filter), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string? filter, bool json)
    {
        var asked = NameFilter.Apply(filter, ArchitectureCatalog.All, architecture => architecture.Name, "architecture");
        var rows = asked.Select(Described).ToList();
        if (json)
        {
            CommonOptions.WriteJson(rows);
            return ExitStatus.Done;
        }

        var table = new TextTable(
            new("architecture"),
            new("published"),
            new("paper"),
            Column.Number("parameters"),
            Column.Number("multiply-adds"),
            new("image sizes")
        );
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
        var size = ArchitectureSize.Of(architecture);
        return new Row(
            architecture.Name,
            architecture.Published.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            architecture.Paper,
            size.Parameters,
            size.ForwardMacs,
            architecture.MinimumImageSize,
            architecture.ImageSizeMultiple,
            architecture.Limits.Sizes,
            architecture.MinimumImageSizeWithHeads is not null
        );
    }
}
