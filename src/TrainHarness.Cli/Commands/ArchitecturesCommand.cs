using System.CommandLine;
using System.Globalization;
using TrainHarness.Cli.Execution;
using TrainHarness.Cli.Terminal;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Reports.Wording;
using TrainHarness.Training;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;

namespace TrainHarness.Cli.Commands;

/// <summary><c>architectures</c>: lists what can be trained.</summary>
internal static class ArchitecturesCommand
{
    /// <summary>What only networks of images have is null for others, whose costs depend on the study.</summary>
    private sealed record Row(
        string Name,
        string Published,
        string Paper,
        string Workload,
        long? Parameters,
        Macs? ForwardMacs,
        int? MinimumImageSize,
        int? ImageSizeMultiple,
        string? ImageSizes,
        bool? AuxiliaryHeads
    );

    public static Command Create(WorkloadCatalog workloads)
    {
        var filter = CommonOptions.Filter("architectures");
        var json = CommonOptions.Json();
        var command = new Command(
            "architectures",
            "Lists the architectures of every workload, the oldest of each first.\n\nExample: trainharness architectures 'resnet*'"
        )
        {
            filter,
            json,
        };
        command.SetAction(parsed => Run(workloads, parsed.GetValue(filter), parsed.GetValue(json)));
        return command;
    }

    private static int Run(WorkloadCatalog workloads, string? filter, bool json)
    {
        List<CataloguedArchitecture> all = [.. workloads.Architectures];
        var asked = NameFilter.Apply(filter, all, row => row.Architecture.Name, "architecture");
        var rows = asked
            .GroupBy(row => row.Workload)
            .SelectMany(group => group.OrderBy(row => row.Architecture.Published).Select(row => Described(row.Workload, row.Architecture)))
            .ToList();
        if (json)
        {
            CommonOptions.WriteJson(rows);
            return ExitStatus.Done;
        }

        foreach (var group in rows.GroupBy(row => row.Workload))
        {
            if (group.Key == StudyVocabulary.Unnamed)
                OfImages(group);
            else
                OfOthers(group.Key, group);
        }

        return ExitStatus.Done;
    }

    private static void OfImages(IEnumerable<Row> rows)
    {
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
            var parameters = row.Parameters!.Value.ToString(CultureInfo.InvariantCulture);
            table.Add(row.Name, row.Published, row.Paper, parameters, Shown.Macs(row.ForwardMacs!.Value), row.ImageSizes!);
        }

        table.Write();
        Console.Out.WriteLine("Parameters and forward multiply-adds per image at 224 px with 1000 classes.");
    }

    private static void OfOthers(string workload, IEnumerable<Row> rows)
    {
        var table = new TextTable(new("architecture"), new("published"), new("paper"));
        foreach (var row in rows)
            table.Add(row.Name, row.Published, row.Paper);
        table.Write();
        Console.Out.WriteLine($"Of workload {workload}: what they cost depends on the study.");
    }

    private static Row Described(string workload, IArchitecture architecture)
    {
        var images = architecture as Architecture;
        var size = images is null ? null : ArchitectureSize.Of(images);
        return new Row(
            architecture.Name,
            architecture.Published.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            architecture.Paper,
            workload,
            size?.Parameters,
            size?.ForwardMacs,
            images?.MinimumImageSize,
            images?.ImageSizeMultiple,
            images?.Limits.Sizes,
            images is null ? null : images.MinimumImageSizeWithHeads is not null
        );
    }
}
