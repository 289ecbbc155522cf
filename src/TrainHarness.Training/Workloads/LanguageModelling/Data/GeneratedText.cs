using System.Text;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Language.Data;

namespace TrainHarness.Training.Workloads.LanguageModelling.Data;

/// <summary>Sentences of a language that a seed makes up (<see cref="GeneratedLanguage"/>), one on each line.</summary>
public sealed record GeneratedText(int Seed, int Sentences) : TextSource
{
    private const int MaxSentences = 1_000_000;

    public override string Name => "generated-language";

    public static Fields<GeneratedText> Fields { get; } =
        new(
            new GeneratedText(0, 1),
            Field.Required(
                "seed",
                Kind.Whole(0, int.MaxValue),
                "Of words and sentences.",
                (GeneratedText text) => text.Seed,
                (text, value) => text with { Seed = value }
            ),
            Field.Required(
                "sentences",
                Kind.Whole(1, MaxSentences),
                "Of five to 25 words.",
                (GeneratedText text) => text.Sentences,
                (text, value) => text with { Sentences = value }
            )
        );

    public override string Read(string? place)
    {
        if (place is not null)
            throw new ConfigurationException($"--data: {Name} is made from a seed and read from nowhere; allowed: no --data.");
        var (language, text) = (new GeneratedLanguage(Seed), new StringBuilder());
        for (var number = 0; number < Sentences; number++)
            text.Append(language.Pair(number).Source).Append('\n');
        return text.ToString();
    }
}
