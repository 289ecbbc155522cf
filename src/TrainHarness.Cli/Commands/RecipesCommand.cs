using System.CommandLine;
using System.Globalization;
using TrainHarness.Cli.Execution;
using TrainHarness.Cli.Terminal;
using TrainHarness.Compute;
using TrainHarness.Protocol;

namespace TrainHarness.Cli.Commands;

/// <summary><c>recipes</c>: lists how a network can be trained.</summary>
internal static class RecipesCommand
{
    private sealed record Row(
        string Name,
        int Epochs,
        int BatchSize,
        string Optimizer,
        string Schedule,
        double WarmUpEpochs,
        double PlainLearningRate,
        double BatchNormalisedLearningRate,
        IReadOnlyList<string> Extras,
        Precision Precision,
        string File
    );

    public static Command Create()
    {
        var filter = CommonOptions.Filter("recipes");
        var json = CommonOptions.Json();
        var command = new Command(
            "recipes",
            "Lists the recipes that an entry of a study may name.\n\nExample: trainharness recipes 'sgd-*' --json"
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
        var files = NameFilter.Apply(
            filter,
            ConfigurationFolders.WithoutStudy().All("recipes"),
            file => Path.GetFileNameWithoutExtension(file),
            "recipe"
        );
        var rows = files
            .Select(file =>
            {
                var recipe = RecipeReader.Read(Path.GetFileNameWithoutExtension(file), ConfigurationNode.Load(file));
                return new Row(
                    recipe.Name,
                    recipe.Epochs,
                    recipe.BatchSize,
                    OptimizerRule.Kinds.Words(recipe.Optimizer),
                    LearningRateSchedule.Kinds.Words(recipe.Schedule),
                    recipe.WarmUpEpochs,
                    recipe.Plain.LearningRate,
                    recipe.BatchNormalised.LearningRate,
                    [.. Recipe.Words(recipe)],
                    recipe.Precision,
                    file
                );
            })
            .ToList();
        if (json)
        {
            CommonOptions.WriteJson(rows);
            return ExitStatus.Done;
        }

        var table = new TextTable(
            new("recipe"),
            new("optimizer"),
            new("schedule"),
            Column.Number("epochs"),
            Column.Number("warm-up"),
            Column.Number("batch"),
            Column.Number("learning rate"),
            Column.Number("with batch normalisation"),
            new("besides")
        );
        foreach (var row in rows)
        {
            table.Add(
                row.Name,
                row.Optimizer,
                row.Schedule,
                Number(row.Epochs),
                Number(row.WarmUpEpochs),
                Number(row.BatchSize),
                Number(row.PlainLearningRate),
                Number(row.BatchNormalisedLearningRate),
                string.Join(", ", row.Extras)
            );
        }

        table.Write();
        return ExitStatus.Done;
    }

    private static string Number(double number) => number.ToString("R", CultureInfo.InvariantCulture);
}
