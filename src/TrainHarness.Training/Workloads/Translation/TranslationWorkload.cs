using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads.Translation.Architectures;

namespace TrainHarness.Training.Workloads.Translation;

/// <summary>Sentences from one language into another: the workload of seq2seq and the Transformer.</summary>
public sealed class TranslationWorkload : IWorkload
{
    private StudyVocabulary? vocabulary;

    public StudyVocabulary Vocabulary =>
        vocabulary ??= new(
            "translation",
            settings => TranslationMetrics.Of(((TranslationSettings)settings).Bleu, vocabulary: null),
            [.. TranslatorCatalog.All.Select(architecture => architecture.Name)]
        )
        {
            WayToArchitectures = "docs/translation.md",
            Settings = TranslationSettings.Fields,
            RecipeFields = TranslationRecipe.Fields,
            Refusal = (_, _, recipe, _) => TranslationRecipe.Refusal(recipe),
        };

    public IArchitecture Architecture(string name) => TranslatorCatalog.ByName(name);

    public IStudyData Data(Study study, string? path, string cacheFolder) =>
        new TranslationData(TranslationSettings.Of(study), path, cacheFolder);
}
