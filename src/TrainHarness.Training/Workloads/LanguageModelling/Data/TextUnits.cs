using System.Text;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Language.Subwords;

namespace TrainHarness.Training.Workloads.LanguageModelling.Data;

/// <summary>What a text is a sequence of: the key <c>units</c> of a study.</summary>
public abstract record TextUnits
{
    // Units are kept in 16 bits.
    private protected const int LargestVocabulary = ushort.MaxValue;

    /// <summary>All that a study may name.</summary>
    public static Variants<TextUnits> Kinds { get; } =
        new(
            Variant.Of<TextUnits, Characters>("characters", "Characters of Unicode.", Characters.Fields),
            Variant.Of<TextUnits, Subwords>("subwords", "Parts of words, learned from the training text.", Subwords.Fields)
        );

    /// <summary>One of them, for people: <c>character</c>.</summary>
    public abstract string Name { get; }

    /// <exception cref="ConfigurationException">
    /// The text has more different ones than can be told apart, or gives fewer than are asked for.
    /// </exception>
    public abstract TextPack Pack(string training, string validation);
}

/// <summary>Each character is one unit. All that the whole text has are known: an alphabet says nothing of what comes after what.</summary>
public sealed record Characters : TextUnits
{
    public static Fields<Characters> Fields { get; } = new(new Characters());

    public override string Name => "character";

    public override TextPack Pack(string training, string validation)
    {
        List<Rune> vocabulary = [.. training.EnumerateRunes().Concat(validation.EnumerateRunes()).Distinct().Order()];
        if (vocabulary.Count > LargestVocabulary)
            throw new ConfigurationException(
                $"units: the text has {vocabulary.Count} different characters; allowed: at most {LargestVocabulary}, or subwords."
            );
        var numbers = vocabulary.Index().ToDictionary(letter => letter.Item, letter => (ushort)letter.Index);
        return TextPack.Of([.. vocabulary.Select(letter => letter.ToString())], Numbers(training), Numbers(validation), validation);

        ushort[] Numbers(string text) => [.. text.EnumerateRunes().Select(letter => numbers[letter])];
    }
}

/// <summary>Byte-pair encoding (<see cref="SubwordModel"/>). The end of a line is a unit of its own; several blanks are one.</summary>
/// <param name="Merges">See <see cref="SubwordModel.Of"/>.</param>
public sealed record Subwords(int Merges) : TextUnits
{
    public static Fields<Subwords> Fields { get; } =
        new(
            new Subwords(1),
            Field.Required(
                "merges",
                Kind.Whole(1, 60_000),
                "How many pairs of neighbouring letters and parts are joined into subwords.",
                (Subwords units) => units.Merges,
                (units, value) => units with { Merges = value }
            )
        );

    public override string Name => "subword";

    public override TextPack Pack(string training, string validation)
    {
        var model = SubwordModel.Of(Lines(training), Merges);
        return TextPack.Of(model.Vocabulary, Numbers(training), Numbers(validation), validation);

        ushort[] Numbers(string text) =>
            [.. Lines(text).SelectMany(line => model.Encode(line).Append(SubwordModel.End)).Select(number => (ushort)number)];
    }

    private static string[] Lines(string text) => text.TrimEnd('\n').Split('\n');
}
