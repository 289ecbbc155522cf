using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Training.Workloads.Translation.Data;

/// <summary>Pairs of a language that a seed makes up (<see cref="GeneratedLanguage"/>). No source sentence comes twice.</summary>
public sealed record GeneratedPairs(int Seed, int Train, int Validation, int Test) : PairSource
{
    // Far fewer than the grammar has, so that a sentence that is new is found soon.
    private const int MostPairs = 1_000_000;

    public override string Name => "generated-language";

    public override IReadOnlyDictionary<string, object?> Lines => new Dictionary<string, object?>
    {
        ["kind"] = "generated",
        ["seed"] = Seed,
        ["train"] = Train,
        ["validation"] = Validation,
        ["test"] = Test,
    };

    public static GeneratedPairs Of(ConfigurationNode node)
    {
        node.Allow("kind", "seed", "train", "validation", "test");
        return new GeneratedPairs(
            node.Required("seed").Whole(0, int.MaxValue), node.Required("train").Whole(2, MostPairs), node.Required("validation").Whole(1, MostPairs),
            node.Required("test").Whole(0, MostPairs));
    }

    public override PairCorpus Read(string? place)
    {
        if (place is not null)
            throw new ConfigurationException($"--data: {Name} is made from a seed and read from nowhere; allowed: no --data.");
        var language = new GeneratedLanguage(Seed);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var pairs = Enumerable.Range(0, int.MaxValue).Select(language.Pair).Where(pair => seen.Add(pair.Source)).Take(Train + Validation + Test).ToList();
        return new PairCorpus(pairs[..Train], pairs[Train..(Train + Validation)], pairs[(Train + Validation)..]);
    }
}
