using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads.LanguageModelling.Architectures;

namespace TrainHarness.Training.Workloads.LanguageModelling;

/// <summary>What comes next in a text: the workload of recurrent networks, GPT and what came after it.</summary>
public sealed class LanguageModellingWorkload : IWorkload
{
    private StudyVocabulary? vocabulary;

    public StudyVocabulary Vocabulary =>
        vocabulary ??= new(
            "language-modelling",
            settings => LanguageMetrics.Of((LanguageSettings)settings, pack: null),
            [.. LanguageCatalog.All.Select(architecture => architecture.Name)]
        )
        {
            WayToArchitectures = "docs/language-modelling.md",
            Settings = LanguageSettings.Fields,
            RecipeFields = LanguageRecipe.Fields,
            Refusal = (_, _, recipe, _) => LanguageRecipe.Refusal(recipe),
        };

    public IArchitecture Architecture(string name) => LanguageCatalog.ByName(name);

    public IStudyData Data(Study study, string? path, string cacheFolder) => new LanguageData(LanguageSettings.Of(study), path);
}
