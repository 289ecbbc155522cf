using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Training.Workloads.Translation.Data;

/// <summary>
/// A folder with two files for every split, whose lines are each other's translations: <c>train.en</c> and <c>train.fr</c>, plain or .gz.
/// </summary>
/// <param name="Title">For people, and in records.</param>
/// <param name="Folder">As the study names it; null where only --data does.</param>
/// <param name="Source">Ending of the files with what is translated.</param>
/// <param name="Target">Ending of those with what it becomes.</param>
/// <param name="Validation">Name of its files without the ending.</param>
/// <param name="Test">Likewise; null for none.</param>
public sealed record PairFolder(string Title, string? Folder, string Source, string Target, string Train, string Validation, string? Test) : PairSource
{
    public override string Name => Title;

    public override IReadOnlyDictionary<string, object?> Lines
    {
        get
        {
            var lines = new Dictionary<string, object?>
            {
                ["kind"] = "folder",
                ["name"] = Title,
                ["source"] = Source,
                ["target"] = Target,
                ["train"] = Train,
                ["validation"] = Validation,
            };
            if (Test is not null)
                lines["test"] = Test;
            return lines;
        }
    }

    public static PairFolder Of(ConfigurationNode node)
    {
        node.Allow("kind", "name", "path", "source", "target", "train", "validation", "test");
        return new PairFolder(
            node.Required("name").Text(), node.Optional("path")?.PathText(), Plain("source")!, Plain("target")!, Plain("train")!, Plain("validation")!, Plain("test"));

        string? Plain(string key)
        {
            var name = key == "test" ? node.Optional(key) : node.Required(key);
            return name is null || !name.Text().AsSpan().ContainsAny('/', '\\')
                ? name?.Text()
                : throw name.Error($"'{key}' is '{name.Text()}'; allowed: a part of a file's name in the folder.");
        }
    }

    public override PairCorpus Read(string? place)
    {
        var folder = place ?? Folder ?? throw new ConfigurationException($"{Name}: nobody says where it lies; allowed: --data FOLDER, or 'path' beside 'kind: folder'.");
        if (!Directory.Exists(folder))
            throw new ConfigurationException($"{folder}: no such folder; {Name} is a folder with {Train}.{Source} and {Train}.{Target}.");
        return new PairCorpus(
            SentenceFiles.Read(FileOf(Train, Source), FileOf(Train, Target)),
            SentenceFiles.Read(FileOf(Validation, Source), FileOf(Validation, Target)),
            Test is null ? [] : SentenceFiles.Read(FileOf(Test, Source), FileOf(Test, Target)));

        string FileOf(string split, string ending)
        {
            var plain = Path.Combine(folder, $"{split}.{ending}");
            var (isPlain, isPacked) = (PlainFile.Exists(plain), PlainFile.Exists(plain + ".gz"));
            return (isPlain, isPacked) switch
            {
                (true, true) => throw new ConfigurationException($"{plain} is there plain and as .gz; allowed: one of them."),
                (false, false) => throw new ConfigurationException($"{plain}: no such file, plain or .gz."),
                _ => isPlain ? plain : plain + ".gz",
            };
        }
    }
}
