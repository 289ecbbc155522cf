using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Language.Data;

namespace TrainHarness.Training.Workloads.Translation.Data;

/// <summary>Pairs of a language that a seed makes up (<see cref="GeneratedLanguage"/>). No source sentence comes twice.</summary>
public sealed record GeneratedPairs(int Seed, int Train, int Validation, int Test) : PairSource
{
    // Far fewer than the grammar has, so that a sentence that is new is found soon.
    private const int MaxPairs = 1_000_000;

    public override string Name => "generated-language";

    public static Fields<GeneratedPairs> Fields { get; } =
        new(
            new GeneratedPairs(0, 2, 1, 0),
            Field.Required(
                "seed",
                Kind.Whole(0, int.MaxValue),
                "Of words and sentences.",
                (GeneratedPairs pairs) => pairs.Seed,
                (pairs, value) => pairs with { Seed = value }
            ),
            Field.Required(
                "train",
                Kind.Whole(2, MaxPairs),
                "Training pairs.",
                (GeneratedPairs pairs) => pairs.Train,
                (pairs, value) => pairs with { Train = value }
            ),
            Field.Required(
                "validation",
                Kind.Whole(1, MaxPairs),
                "Validation pairs.",
                (GeneratedPairs pairs) => pairs.Validation,
                (pairs, value) => pairs with { Validation = value }
            ),
            Field.Required(
                "test",
                Kind.Whole(0, MaxPairs),
                "Test pairs.",
                (GeneratedPairs pairs) => pairs.Test,
                (pairs, value) => pairs with { Test = value }
            )
        );

    public override PairCorpus Read(string? place)
    {
        if (place is not null)
            throw new ConfigurationException($"--data: {Name} is made from a seed and read from nowhere; allowed: no --data.");
        var language = new GeneratedLanguage(Seed);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var pairs = Enumerable
            .Range(0, int.MaxValue)
            .Select(language.Pair)
            .Where(pair => seen.Add(pair.Source))
            .Take(Train + Validation + Test)
            .ToList();
        return new PairCorpus(pairs[..Train], pairs[Train..(Train + Validation)], pairs[(Train + Validation)..]);
    }
}
