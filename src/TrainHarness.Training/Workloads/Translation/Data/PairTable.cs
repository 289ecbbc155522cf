using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Training.Workloads.Translation.Data;

/// <summary>
/// One file with a pair on every line, the two apart by a tab, as ManyThings and Tatoeba give them; what follows a second tab is left out.
/// It is split by hash: <see cref="HashedSplit"/>.
/// </summary>
/// <param name="Title">For people, and in records.</param>
/// <param name="File">As the study names it; null where only --data does.</param>
/// <param name="ValidationPart">Of the source sentences, from 0 to 1.</param>
/// <param name="TestPart">Likewise.</param>
/// <param name="MinWords">Pairs with a shorter source are left out.</param>
public sealed record PairTable(string Title, string? File, double ValidationPart, double TestPart, int MinWords) : PairSource
{
    public override string Name => Title;

    public static Fields<PairTable> Fields { get; } =
        new(
            new PairTable("", null, 0, 0, MinWords: 1),
            Field.Required(
                "name",
                Kind.Text,
                "Of the dataset, in records and reports.",
                (PairTable pairs) => pairs.Title,
                (pairs, value) => pairs with { Title = value }
            ),
            Field.Optional(
                "path",
                SentenceFiles.Place,
                "The file, relative to this one; --data names it where it is missing.",
                (PairTable _) => null,
                (pairs, value) => pairs with { File = value }
            ),
            Field.Required(
                "validationPart",
                Kind.Positive(0.5),
                "Part of the source sentences that is validated on.",
                (PairTable pairs) => pairs.ValidationPart,
                (pairs, value) => pairs with { ValidationPart = value }
            ),
            Field.Required(
                "testPart",
                Kind.Number(0, 0.4),
                "Part of the source sentences that is tested on.",
                (PairTable pairs) => pairs.TestPart,
                (pairs, value) => pairs with { TestPart = value }
            ),
            Field.Required(
                "minWords",
                Kind.Whole(1, 1000),
                "Pairs with a shorter source are left out.",
                (PairTable pairs) => pairs.MinWords,
                (pairs, value) => pairs with { MinWords = value }
            )
        );

    public override PairCorpus Read(string? place)
    {
        var file = place
            ?? File
            ?? throw new ConfigurationException(
                $"{Name}: nobody says where it lies; allowed: --data FILE, or 'path' beside 'kind: table'."
            );
        return new HashedSplit(ValidationPart, TestPart).Of(
            SentenceFiles.ReadTable(file).Where(pair => SentenceFiles.Words(pair.Source) >= MinWords),
            file,
            "more pairs, a larger part, or a smaller 'minWords'"
        );
    }
}
