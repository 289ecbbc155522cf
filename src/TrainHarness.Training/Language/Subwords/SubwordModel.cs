using System.Globalization;
using System.Text;
using TrainHarness.Files;

namespace TrainHarness.Training.Language.Subwords;

/// <summary>How sentences become numbers and back: one vocabulary for both languages, learned from the training text alone.</summary>
public sealed class SubwordModel
{
    /// <summary>Fills a batch up; nothing is learned from it.</summary>
    public const int Padding = 0;

    /// <summary>What a translation begins after.</summary>
    public const int Begin = 1;

    /// <summary>What a translation ends with.</summary>
    public const int End = 2;

    /// <summary>A letter that the training text has not.</summary>
    public const int Unknown = 3;

    /// <summary>Marks the last part of a word.</summary>
    private const string WordEnd = "</w>";

    // Packs hold numbers of 16 bits.
    private const int LargestVocabulary = ushort.MaxValue;

    private static readonly string[] Special = ["<pad>", "<s>", "</s>", "<unk>"];

    private readonly Dictionary<(string, string), int> ranks;
    private readonly Dictionary<string, int> numbers;
    private readonly Dictionary<string, int[]> known = new(StringComparer.Ordinal);

    /// <param name="merges">Pairs to join, the first first.</param>
    /// <param name="vocabulary">The parts that have a number, in their order, the special ones first.</param>
    public SubwordModel(IReadOnlyList<(string Left, string Right)> merges, IReadOnlyList<string> vocabulary)
    {
        Merges = merges;
        Vocabulary = vocabulary;
        ranks = merges.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        numbers = vocabulary.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
    }

    public IReadOnlyList<(string Left, string Right)> Merges { get; }

    public IReadOnlyList<string> Vocabulary { get; }

    /// <summary>Learns it.</summary>
    /// <param name="sentences">All of the training text, of both languages.</param>
    /// <param name="merges">How many pairs are joined.</param>
    /// <exception cref="ConfigurationException">The text does not give so many.</exception>
    public static SubwordModel Of(IEnumerable<string> sentences, int merges)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var word in sentences.SelectMany(Words))
            counts[word] = counts.GetValueOrDefault(word) + 1;
        var joined = SubwordTraining.Merges(counts, merges);
        var unnumbered = new SubwordModel(joined, Special);
        // Also what is always joined further in the training text: in another word it may not be.
        var parts = counts
            .Keys.SelectMany(Letters)
            .Concat(joined.Select(pair => pair.Left + pair.Right))
            .Distinct()
            .ToDictionary(part => part, _ => 0L, StringComparer.Ordinal);
        foreach (var (word, count) in counts)
        {
            foreach (var part in unnumbered.Parts(word))
                parts[part] += count;
        }

        var ranked = parts.OrderByDescending(part => part.Value).ThenBy(part => part.Key, StringComparer.Ordinal).Select(part => part.Key);
        List<string> vocabulary = [.. Special, .. ranked];
        return vocabulary.Count <= LargestVocabulary
            ? new SubwordModel(joined, vocabulary)
            : throw new ConfigurationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"merges: they give a vocabulary of {vocabulary.Count} parts; allowed: {LargestVocabulary}, by fewer of them."
                )
            );
    }

    /// <summary>The numbers of a sentence's parts, without begin and end.</summary>
    public IReadOnlyList<int> Encode(string sentence) => [.. Words(sentence).SelectMany(Numbers)];

    /// <summary>The sentence again: words with one blank between them. What is special is left out, but for what is unknown.</summary>
    public string Decode(IEnumerable<int> sentence)
    {
        var text = new StringBuilder();
        foreach (var number in sentence.Where(number => number >= Unknown))
            text.Append(number == Unknown ? Special[Unknown] : Vocabulary[number]);
        return text.Replace(WordEnd, " ").ToString().TrimEnd();
    }

    /// <summary>The letters of a word, the last of them marked. A letter outside the basic plane is one.</summary>
    internal static IEnumerable<string> Letters(string word)
    {
        List<string> letters = [.. word.EnumerateRunes().Select(letter => letter.ToString())];
        letters[^1] += WordEnd;
        return letters;
    }

    private static string[] Words(string sentence) => sentence.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private int[] Numbers(string word)
    {
        if (!known.TryGetValue(word, out var sequence))
            known[word] = sequence = [.. Parts(word).Select(part => numbers.GetValueOrDefault(part, Unknown))];
        return sequence;
    }

    private List<string> Parts(string word)
    {
        List<string> parts = [.. Letters(word)];
        while (parts.Count > 1)
        {
            var (rank, first) = parts
                .Zip(parts.Skip(1))
                .Select((pair, place) => (Rank: ranks.GetValueOrDefault(pair, int.MaxValue), Place: place))
                .Min();
            if (rank == int.MaxValue)
                break;
            var (left, right) = Merges[rank];
            for (var place = first; place + 1 < parts.Count; place++)
            {
                if (parts[place] != left || parts[place + 1] != right)
                    continue;
                parts[place] = left + right;
                parts.RemoveAt(place + 1);
            }
        }

        return parts;
    }
}
