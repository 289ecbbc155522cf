namespace TrainHarness.Protocol;

/// <summary>What a study of one workload may say: its own keys, its metrics, its architectures.</summary>
/// <param name="Workload">Its name, as studies write it: <c>image-classification</c>.</param>
/// <param name="Metrics">Of a study with such settings; chance is null where only the data itself would tell it.</param>
/// <param name="Architectures">Names, as entries write them.</param>
public sealed record StudyVocabulary(
    string Workload,
    Func<IWorkloadSettings, IReadOnlyList<Metric>> Metrics,
    IReadOnlyCollection<string> Architectures
)
{
    /// <summary>The workload of studies and records that name none: they are older than the others.</summary>
    public const string Unnamed = "image-classification";

    /// <summary>The command that lists the architectures, where there are more than a message holds.</summary>
    public string WayToArchitectures { get; init; } = "its documentation";

    /// <summary>Whether a study of it may name code of the user's own for an architecture.</summary>
    public bool TakesOwnArchitectures { get; init; }

    /// <summary>Keys of a study that are its own.</summary>
    public IFields<IWorkloadSettings> Settings { get; init; } = new Fields<WrittenSettings>(WrittenSettings.None);

    /// <summary>Keys of a recipe that are its own, besides those of every recipe; see <see cref="Recipe.OwnField"/>.</summary>
    public IReadOnlyList<Field<Recipe>> RecipeFields { get; init; } = [];

    /// <summary>What stands against an architecture with a recipe, in one line; null where nothing does.</summary>
    public Func<string, IWorkloadSettings, Recipe, EntryVariant?, string?> Refusal { get; init; } = (_, _, _, _) => null;
}
