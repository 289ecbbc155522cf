using System.Globalization;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads.SelfPlay.Games;
using TrainHarness.Training.Workloads.SelfPlay.Play;

namespace TrainHarness.Training.Workloads.SelfPlay;

/// <summary>A board game that a network learns by playing against itself: the workload of AlphaGo Zero and AlphaZero.</summary>
public sealed class SelfPlayWorkload : IWorkload
{
    private StudyVocabulary? vocabulary;

    public StudyVocabulary Vocabulary =>
        vocabulary ??= new(
            "self-play",
            settings => ((SelfPlaySettings)settings).Metrics(),
            [.. DualArchitecture.All.Select(architecture => architecture.Name)]
        )
        {
            WayToArchitectures = "docs/self-play.md",
            Settings = SelfPlaySettings.Fields,
            RecipeFields = PlayRules.Fields,
            Refusal = (_, _, recipe, _) => RefusalOf(recipe),
        };

    public IArchitecture Architecture(string name) => DualArchitecture.All.First(architecture => architecture.Name == name);

    public IStudyData Data(Study study, string? path, string cacheFolder)
    {
        var settings = (SelfPlaySettings)study.Settings;
        var game = new Hex(settings.Size);
        var record = new DatasetRecord
        {
            Name = game.Name,
            // None are there before the first game: an epoch trains on what it has played.
            TrainExamples = 1,
            ValidationExamples = settings.Decisions,
            Words = $"solved positions of {game.Name}; what a network trains on it plays itself, which stands for one example here",
            SourceSha256 = DecisionPositions.Sha256(settings.Size),
            PackSha256 = string.Create(CultureInfo.InvariantCulture, $"{DecisionPositions.Sha256(settings.Size)}-{settings.Decisions}"),
        };
        return new DrawnData(record, settings.Metrics(), SelfPlayTask.Open);
    }

    private static string? RefusalOf(Recipe recipe) =>
        recipe.Precision == Precision.Bf16 ? "self-play is computed in 32 bits; allowed: precision: fp32, tf32."
        : recipe.AverageDecay is not null ? "games are played by the weights themselves; allowed: a recipe without 'averageDecay'."
        : PlayRules.Of(recipe).Problem;
}
