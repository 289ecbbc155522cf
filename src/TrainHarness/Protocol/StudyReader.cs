using TrainHarness.Files;

namespace TrainHarness.Protocol;

/// <summary>
/// Reads a study file strictly. The same reader takes the resolved study in a results folder, which holds its recipes and
/// its dataset inline and the frozen threshold.
/// </summary>
public static class StudyReader
{
    /// <summary>Reads a study that is to be measured.</summary>
    /// <param name="workloads">Those that it may be of.</param>
    /// <exception cref="ConfigurationException">The file is missing or anything in it was not understood.</exception>
    public static Study Read(string file, IReadOnlyList<StudyVocabulary> workloads)
    {
        var root = ConfigurationNode.Load(file);
        var name = root.Optional("workload");
        var wanted = name?.Text() ?? StudyVocabulary.Unnamed;
        var workload = workloads.FirstOrDefault(workload => workload.Workload == wanted)
            ?? throw (name ?? root).Error(
                $"unknown workload '{wanted}'; allowed: {string.Join(", ", workloads.Select(workload => workload.Workload))}."
            );
        root.Allow([.. StudyFields.ToMeasure.Names, .. workload.Settings.Names]);
        var study = Read(root, wanted, workload, workload.Settings.ReadBeside, workload.RecipeFields) with
        {
            TargetPlace = TargetReader.PlaceOf(root.Required("target")),
        };
        study.RequireMeaning([study.Target.Metric]);
        return study;
    }

    /// <summary>Reads the resolved study of a results folder, whose workload need not be at hand.</summary>
    /// <exception cref="ConfigurationException">The file is missing or anything in it was not understood.</exception>
    public static Study ReadResolved(string file)
    {
        var root = ConfigurationNode.Load(file);
        var name = root.Optional("workload")?.Text() ?? StudyVocabulary.Unnamed;
        if (name != StudyVocabulary.Unnamed)
            return Read(root, name, workload: null, Written, recipeFields: null);
        root.Allow([.. StudyFields.Resolved.Names, .. ImageSettings.Fields.Names]);
        return Read(root, name, workload: null, ImageSettings.Fields.ReadBeside, Recipe.ImageFields);
    }

    private static Study Read(
        ConfigurationNode root,
        string name,
        StudyVocabulary? workload,
        Func<ConfigurationNode, IWorkloadSettings> settings,
        IReadOnlyList<Field<Recipe>>? recipeFields
    )
    {
        var protocol = StudyFields.ReadProtocol(root.Optional("protocol"), isMeasured: workload is not null);
        var blank = StudyFields.Resolved.Blank with { Protocol = protocol, Workload = name, Settings = settings(root) };
        var recipes = new RecipeBook(ConfigurationFolders.For(root.File), root.Optional("recipes"), recipeFields);
        var sources = new SourceBook(root.File, workload);
        // Entries may be of them, wherever the key stands.
        sources.ReadChecksums(root.Optional("sources"));
        return StudyFields.Of(blank, workload, recipes.Find, sources).ReadBeside(root) with { Sources = sources.All };
    }

    private static WrittenSettings Written(ConfigurationNode root) =>
        new(root.Keys().Except(StudyFields.Resolved.Names).ToDictionary(key => key, key => root.Required(key).Written()));
}
