using System.CommandLine;

namespace TrainHarness.Cli.Commands;

/// <summary>All commands of the program. Scripts rely on their names and options: a test freezes them.</summary>
internal static class CommandLine
{
    public static RootCommand Create()
    {
        var root = new RootCommand("Measures how much less compute a newer network needs to reach the same accuracy.");
        root.Subcommands.Add(StudyCommand.Create());
        root.Subcommands.Add(ReportCommand.Create());
        root.Subcommands.Add(PublishedCommand.Create());
        root.Subcommands.Add(EstimateCommand.Create());
        root.Subcommands.Add(FlopsCommand.Create());
        root.Subcommands.Add(ArchitecturesCommand.Create());
        root.Subcommands.Add(RecipesCommand.Create());
        root.Subcommands.Add(DatasetsCommand.Create());
        root.Subcommands.Add(DoctorCommand.Create());
        return root;
    }
}
