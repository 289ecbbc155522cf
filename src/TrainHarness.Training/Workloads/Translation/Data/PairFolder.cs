using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Language.Data;

namespace TrainHarness.Training.Workloads.Translation.Data;

/// <summary>
/// A folder with two files for every split, whose lines are each other's translations: <c>train.en</c> and <c>train.fr</c>, plain or .gz.
/// Where there are training files alone, they are split by hash: <see cref="HashedSplit"/>.
/// </summary>
/// <param name="Title">For people, and in records.</param>
/// <param name="Folder">As the study names it; null where only --data does.</param>
/// <param name="Source">Ending of the files with what is translated.</param>
/// <param name="Target">Ending of those with what it becomes.</param>
/// <param name="Validation">Name of its files without the ending; null where <paramref name="ValidationPart"/> is taken instead.</param>
/// <param name="Test">Likewise; null for none.</param>
/// <param name="ValidationPart">Of the source sentences of the training files, from 0 to 1.</param>
/// <param name="TestPart">Likewise, beside a validation part; null for none.</param>
public sealed record PairFolder(
    string Title,
    string? Folder,
    string Source,
    string Target,
    string Train,
    string? Validation,
    string? Test,
    double? ValidationPart = null,
    double? TestPart = null
) : PairSource
{
    private static readonly Kind<string> PartOfName = Kind.Text with
    {
        Read = node =>
            node.Text() is var name && !name.AsSpan().ContainsAny('/', '\\')
                ? name
                : throw node.Error($"'{name}' is no part of a file's name in the folder; allowed: one without '/' and '\\'."),
    };

    public static Fields<PairFolder> Fields { get; } =
        new(
            new PairFolder("", null, "", "", "", "", null),
            Field.Required(
                "name",
                Kind.Text,
                "Of the dataset, in records and reports.",
                (PairFolder pairs) => pairs.Title,
                (pairs, value) => pairs with { Title = value }
            ),
            Field.Optional(
                "path",
                SentenceFiles.Place,
                "The folder, relative to this file; --data names it where it is missing.",
                (PairFolder _) => null,
                (pairs, value) => pairs with { Folder = value }
            ),
            Field.Required(
                "source",
                PartOfName,
                "Ending of the files with what is translated.",
                (PairFolder pairs) => pairs.Source,
                (pairs, value) => pairs with { Source = value }
            ),
            Field.Required(
                "target",
                PartOfName,
                "Ending of the files with what it becomes.",
                (PairFolder pairs) => pairs.Target,
                (pairs, value) => pairs with { Target = value }
            ),
            Field.Required(
                "train",
                PartOfName,
                "Name of the training files without the ending.",
                (PairFolder pairs) => pairs.Train,
                (pairs, value) => pairs with { Train = value }
            ),
            Field.Optional(
                "validation",
                PartOfName,
                "Name of the validation files without the ending; 'validationPart' is taken where it is missing.",
                (PairFolder pairs) => pairs.Validation,
                (pairs, value) => pairs with { Validation = value }
            ),
            Field.Optional(
                "test",
                PartOfName,
                "Name of the test files without the ending; none where it is missing.",
                (PairFolder pairs) => pairs.Test,
                (pairs, value) => pairs with { Test = value }
            ),
            Field.Optional(
                "validationPart",
                Kind.Positive(0.5),
                "Part of the training files' source sentences that is validated on, where there are no validation files.",
                (PairFolder pairs) => pairs.ValidationPart,
                (pairs, value) => pairs with { ValidationPart = value }
            ),
            Field.Optional(
                "testPart",
                Kind.Number(0, 0.4),
                "Likewise: the part that is tested on.",
                (PairFolder pairs) => pairs.TestPart,
                (pairs, value) => pairs with { TestPart = value }
            )
        );

    public override string Name => Title;

    public override PairCorpus Read(string? place)
    {
        var folder = place
            ?? Folder
            ?? throw new ConfigurationException(
                $"{Name}: nobody says where it lies; allowed: --data FOLDER, or 'path' beside 'kind: folder'."
            );
        if (!Directory.Exists(folder))
            throw new ConfigurationException($"{folder}: no such folder; {Name} is a folder with {Train}.{Source} and {Train}.{Target}.");
        RequireOneSplit();
        return ValidationPart is { } part
            ? new HashedSplit(part, TestPart ?? 0).Of(Pairs(Train), FileOf(Train, Source), "more pairs, or a larger part")
            : new PairCorpus(Pairs(Train), Pairs(Validation!), Test is null ? [] : Pairs(Test));

        IReadOnlyList<SentencePair> Pairs(string split) => SentenceFiles.Read(FileOf(split, Source), FileOf(split, Target));

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

    private void RequireOneSplit()
    {
        if (Validation is null == ValidationPart is null)
            throw new ConfigurationException($"{Name}: allowed: either 'validation' or 'validationPart'.");
        if (ValidationPart is not null && Test is not null)
            throw new ConfigurationException($"{Name}: beside 'validationPart' no 'test' is read; allowed: 'testPart'.");
        if (ValidationPart is null && TestPart is not null)
            throw new ConfigurationException($"{Name}: 'testPart' is a part of what 'validationPart' splits; allowed: 'test'.");
    }
}
