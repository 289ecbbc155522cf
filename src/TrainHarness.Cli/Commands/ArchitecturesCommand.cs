using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using TrainHarness.Cli.Execution;
using TrainHarness.Training.Architectures;
using TrainHarness.Training.Native;

namespace TrainHarness.Cli.Commands;

/// <summary><c>architectures</c>: lists what can be trained.</summary>
internal static class ArchitecturesCommand
{
    private sealed record Row(string Name, string Published, string Paper, long Parameters);

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
        var rows = ArchitectureCatalog.All.Select(architecture => new Row(
            architecture.Name,
            architecture.Published.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            architecture.Paper,
            architecture.CountParameters(new NetworkOptions(Classes: 1000)))).ToList();
        if (json)
        {
            CommonOptions.WriteJson(rows);
            return ExitStatus.Done;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns("architecture", "published", "paper").AddColumn(new TableColumn("parameters (1000 classes)").RightAligned());
        foreach (var row in rows)
            table.AddRow(Markup.Escape(row.Name), row.Published, Markup.Escape(row.Paper), row.Parameters.ToString(CultureInfo.InvariantCulture));
        CommonOptions.Write(table);
        return ExitStatus.Done;
    }
}
