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
                LimitsOf(architecture)
                    .Refusal(
                        ((ImageSettings)settings).ImageSize,
                        recipe.AuxiliaryLossWeight is not null,
                        recipe.DropPath is not null,
                        variant?.Width is not null,
                        variant?.Depth is not null
                    ),
        };

    public IArchitecture Architecture(string name) => ArchitectureCatalog.ByName(name);

    public bool Fits(OwnSource source) => OwnNetwork.Fits(source);

    public IArchitecture Own(OwnSource source) => OwnNetwork.Of(source);

    public StepCount Count(OwnSource source, Study study) =>
        OwnNetwork.Price(source, new NetworkOptions(CheckedClasses, ImageSettings.Of(study).ImageSize), images: 1);

    public IStudyData Data(Study study, string? path, string cacheFolder) => new ImageData(ImageSettings.Of(study), path, cacheFolder);

    // How many there are is known when the data is; what multiplies does not depend on it.
    private const int CheckedClasses = 10;

    private static ArchitectureLimits LimitsOf(string architecture) =>
        ArchitectureCatalog.All.FirstOrDefault(known => known.Name == architecture)?.Limits ?? OwnNetwork.Limits(architecture);

    private static IReadOnlyList<Metric> Metrics(ImageSettings settings) => ClassificationMetrics.Of(settings.Dataset, settings.Subset);
}
