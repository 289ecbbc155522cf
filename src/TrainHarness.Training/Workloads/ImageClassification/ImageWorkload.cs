using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;

namespace TrainHarness.Training.Workloads.ImageClassification;

/// <summary>Which class an image shows: the workload of AlexNet and all that came after it.</summary>
public sealed class ImageWorkload : IWorkload, IOwnArchitectures
{
    private StudyVocabulary? vocabulary;

    public StudyVocabulary Vocabulary =>
        vocabulary ??= new(
            StudyVocabulary.Unnamed,
            settings => Metrics((ImageSettings)settings),
            [.. ArchitectureCatalog.All.Select(architecture => architecture.Name)]
        )
        {
            TakesOwnArchitectures = true,
            WayToArchitectures = "trainharness architectures",
            Settings = ImageSettings.Fields,
            RecipeFields = Recipe.ImageFields,
            Refusal = (architecture, settings, recipe, variant) =>
                ArchitectureCatalog
                    .ByName(architecture)
                    .Limits.Refusal(
                        ((ImageSettings)settings).ImageSize,
                        recipe.AuxiliaryLossWeight is not null,
                        recipe.DropPath is not null,
                        variant?.Width is not null,
                        variant?.Depth is not null
                    ),
        };

    public IArchitecture Architecture(string name) => ArchitectureCatalog.ByName(name);

    public IArchitecture Own(OwnSource source) => OwnNetwork.Of(source);

    public void Check(OwnSource source, Study study)
    {
        var entries = study.AllEntries.Where(entry => entry.Architecture == source.Name);
        foreach (var size in entries.Select(entry => ((ImageSettings)study.SettingsFor(entry)).ImageSize).Distinct())
            OwnNetwork.Price(OwnNetwork.Of(source), new NetworkOptions(CheckedClasses, size), images: 1);
    }

    public IStudyData Data(Study study, string? path, string cacheFolder) => new ImageData(ImageSettings.Of(study), path, cacheFolder);

    // How many there are is known when the data is; what multiplies does not depend on it.
    private const int CheckedClasses = 10;

    private static IReadOnlyList<Metric> Metrics(ImageSettings settings) => ClassificationMetrics.Of(settings.Dataset, settings.Subset);
}
