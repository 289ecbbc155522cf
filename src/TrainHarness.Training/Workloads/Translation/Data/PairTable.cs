using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Training.Workloads.Translation.Data;

/// <summary>
/// One file with a pair on every line, the two apart by a tab, as ManyThings and Tatoeba give them; what follows a second tab is left out.
/// Where a sentence goes follows from a hash of its source, so that all its translations are in one split.
/// </summary>
/// <param name="Title">For people, and in records.</param>
/// <param name="File">As the study names it; null where only --data does.</param>
/// <param name="ValidationPart">Of the source sentences, from 0 to 1.</param>
/// <param name="TestPart">Likewise.</param>
/// <param name="MinWords">Pairs with a shorter source are left out.</param>
public sealed record PairTable(string Title, string? File, double ValidationPart, double TestPart, int MinWords) : PairSource
{
    // One seed for everybody: the split is part of the dataset.
    private const int SplitSeed = 0;

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
        var splits = SentenceFiles
            .ReadTable(file)
            .Where(pair => SentenceFiles.Words(pair.Source) >= MinWords)
            .ToLookup(pair => SplitOf(pair.Source));
        foreach (var split in (Split[])[Split.Train, Split.Validation])
        {
            if (!splits.Contains(split))
                throw new ConfigurationException(
                    $"{file}: no pair of it is for {split.ToString().ToLowerInvariant()}; allowed: more pairs, a larger part, or a "
                        + $"smaller 'minWords'."
                );
        }

        return new PairCorpus([.. splits[Split.Train]], [.. splits[Split.Validation]], [.. splits[Split.Test]]);
    }

    private Split SplitOf(string source)
    {
        var place = Seeds.For(SplitSeed, source) / (double)ulong.MaxValue;
        return place < ValidationPart ? Split.Validation
            : place < ValidationPart + TestPart ? Split.Test
            : Split.Train;
    }

    private enum Split
    {
        Train,
        Validation,
        Test,
    }
}
