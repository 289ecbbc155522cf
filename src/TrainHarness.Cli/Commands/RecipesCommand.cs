using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using TrainHarness.Cli.Execution;
using TrainHarness.Protocol;

namespace TrainHarness.Cli.Commands;

/// <summary><c>recipes</c>: lists how a network can be trained.</summary>
internal static class RecipesCommand
{
    private sealed record Row(
        string Name,
        int Epochs,
        int BatchSize,
        string Schedule,
        double WarmUpEpochs,
        double PlainLearningRate,
        double BatchNormalisedLearningRate,
        Precision Precision,
        string File);

    public static Command Create()
    {
        var json = CommonOptions.Json();
        var command = new Command("recipes", "Lists the recipes that an entry of a study may name.\n\nExample: trainharness recipes --json") { json };
        command.SetAction(parsed => Run(parsed.GetValue(json)));
        return command;
    }

    private static int Run(bool json)
    {
        var rows = ConfigurationFolders.WithoutStudy().All("recipes").Select(file =>
        {
            var recipe = RecipeReader.Read(Path.GetFileNameWithoutExtension(file), ConfigurationNode.Load(file));
            return new Row(
                recipe.Name, recipe.Epochs, recipe.BatchSize, Worded(recipe.Schedule), recipe.WarmUpEpochs, recipe.Plain.LearningRate, recipe.BatchNormalised.LearningRate, recipe.Precision, file);
        }).ToList();
        if (json)
        {
            CommonOptions.WriteJson(rows);
            return ExitStatus.Done;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns("recipe", "schedule");
        foreach (var column in (string[])["epochs", "warm-up", "batch", "learning rate", "with batch normalisation"])
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (var row in rows)
            table.AddRow(Markup.Escape(row.Name), row.Schedule, Number(row.Epochs), Number(row.WarmUpEpochs), Number(row.BatchSize), Number(row.PlainLearningRate), Number(row.BatchNormalisedLearningRate));
        CommonOptions.Write(table);
        return ExitStatus.Done;
    }

    private static string Worded(LearningRateSchedule schedule) => schedule switch
    {
        SteppedSchedule step => string.Create(CultureInfo.InvariantCulture, $"×{step.Decay:G3} at {step.Parts - 1} steps"),
        SmoothedStepSchedule smooth => string.Create(CultureInfo.InvariantCulture, $"×{Math.Pow(smooth.Decay, smooth.Parts):G3} smoothly"),
        CosineSchedule => "cosine",
        _ => throw new ArgumentOutOfRangeException(nameof(schedule), schedule, null),
    };

    private static string Number(double number) => number.ToString("R", CultureInfo.InvariantCulture);
}
