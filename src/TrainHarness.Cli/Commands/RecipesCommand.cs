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
        string File);

    public static Command Create()
    {
        var filter = CommonOptions.Filter("recipes");
        var json = CommonOptions.Json();
        var command = new Command("recipes", "Lists the recipes that an entry of a study may name.\n\nExample: trainharness recipes 'sgd-*' --json")
        {
            filter, json,
        };
        command.SetAction(parsed => Run(parsed.GetValue(filter), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string? filter, bool json)
    {
        var files = NameFilter.Apply(
            filter, ConfigurationFolders.WithoutStudy().All("recipes"), file => Path.GetFileNameWithoutExtension(file), "recipe");
        var rows = files.Select(file =>
        {
            var recipe = RecipeReader.Read(Path.GetFileNameWithoutExtension(file), ConfigurationNode.Load(file));
            return new Row(
                recipe.Name, recipe.Epochs, recipe.BatchSize, Worded(recipe.Optimizer), Worded(recipe.Schedule), recipe.WarmUpEpochs,
                recipe.Plain.LearningRate, recipe.BatchNormalised.LearningRate, [.. Extras(recipe)], recipe.Precision, file);
        }).ToList();
        if (json)
        {
            CommonOptions.WriteJson(rows);
            return ExitStatus.Done;
        }

        var table = new TextTable(
            new("recipe"), new("optimizer"), new("schedule"),
            Column.Number("epochs"), Column.Number("warm-up"), Column.Number("batch"),
            Column.Number("learning rate"), Column.Number("with batch normalisation"),
            new("besides"));
        foreach (var row in rows)
        {
            table.Add(
                row.Name, row.Optimizer, row.Schedule, Number(row.Epochs), Number(row.WarmUpEpochs), Number(row.BatchSize),
                Number(row.PlainLearningRate), Number(row.BatchNormalisedLearningRate), string.Join(", ", row.Extras));
        }

        table.Write();
        return ExitStatus.Done;
    }

    private static string Worded(OptimizerRule rule) => rule switch
    {
        SgdRule => "sgd",
        RmsPropRule => "rmsprop",
        AdamWRule => "adamw",
        _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, null),
    };

    /// <summary>What a recipe has beside optimizer, schedule, crop and flip.</summary>
    private static IEnumerable<string> Extras(Recipe recipe)
    {
        (bool IsOn, string Name)[] extras =
        [
            (recipe.LabelSmoothing > 0, "label smoothing"),
            (recipe.Augmentation?.RandAugment is not null, "RandAugment"),
            (recipe.Augmentation?.Lighting is not null, "lighting"),
            (recipe.Augmentation?.RandomErasing is not null, "random erasing"),
            (recipe.Augmentation?.Mixing is { Mixup: > 0 }, "Mixup"),
            (recipe.Augmentation?.Mixing is { Cutmix: > 0 }, "CutMix"),
            (recipe.GradientClip is not null, "gradient clip"),
            (recipe.AverageDecay is not null, "average"),
            (recipe.DropPath is not null, "drop-path"),
            (recipe.AuxiliaryLossWeight is not null, "auxiliary loss"),
            (recipe.Precision != Precision.Fp32, recipe.Precision.ToString().ToLowerInvariant()),
            (recipe.MemoryFormat == MemoryFormat.ChannelsLast, "channels-last"),
        ];
        return extras.Where(extra => extra.IsOn).Select(extra => extra.Name);
    }

    private static string Worded(LearningRateSchedule schedule) => schedule switch
    {
        SteppedSchedule step => string.Create(CultureInfo.InvariantCulture, $"×{step.Decay:G3} at {step.Parts - 1} steps"),
        SmoothedStepSchedule smooth => string.Create(CultureInfo.InvariantCulture, $"×{Math.Pow(smooth.Decay, smooth.Parts):G3} smoothly"),
        CosineSchedule => "cosine",
        PolynomialSchedule { Power: 1 } => "straight line",
        PolynomialSchedule polynomial => string.Create(CultureInfo.InvariantCulture, $"what is left to the power of {polynomial.Power:G3}"),
        ExponentialSchedule { EveryEpochs: 1 } exponential => string.Create(CultureInfo.InvariantCulture, $"×{exponential.Decay:G3} every epoch"),
        ExponentialSchedule exponential => string.Create(CultureInfo.InvariantCulture, $"×{exponential.Decay:G3} every {exponential.EveryEpochs:G4} epochs"),
        _ => throw new ArgumentOutOfRangeException(nameof(schedule), schedule, null),
    };

    private static string Number(double number) => number.ToString("R", CultureInfo.InvariantCulture);
}
