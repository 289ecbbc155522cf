using System.Runtime.InteropServices;
using TrainHarness.Files;

namespace TrainHarness.Training.Language.Subwords;

/// <summary>
/// Learns which letters to join (byte-pair encoding, Sennrich et al. 2016, arXiv:1508.07909): again and again the pair of neighbours within
/// words that is most frequent; of equally frequent ones the later in the order of their characters, as subword-nmt does it.
/// </summary>
internal sealed class SubwordTraining
{
    // A pair that comes once joins nothing.
    private const long MinCount = 2;

    private readonly List<string> symbols = [];
    private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
    private readonly List<(int[] Symbols, long Count)> words = [];
    private readonly Dictionary<(int Left, int Right), long> counts = [];
    private readonly Dictionary<(int Left, int Right), HashSet<int>> places = [];
    private readonly PriorityQueue<(int Left, int Right), (long Count, string Left, string Right)> queue = new(
        Comparer<(long Count, string Left, string Right)>.Create(Order)
    );

    private SubwordTraining(IReadOnlyDictionary<string, long> wordCounts)
    {
        foreach (var (word, count) in wordCounts.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            words.Add(([.. SubwordModel.Letters(word).Select(NumberOf)], count));
        for (var word = 0; word < words.Count; word++)
            Count(word, words[word].Count);
        foreach (var pair in counts.Keys)
            Queue(pair);
    }

    /// <summary>The pairs to join, in the order in which they were found.</summary>
    /// <param name="wordCounts">How often each word stands in the training text.</param>
    /// <exception cref="ConfigurationException">The text does not give so many.</exception>
    public static IReadOnlyList<(string Left, string Right)> Merges(IReadOnlyDictionary<string, long> wordCounts, int wanted)
    {
        var (training, merges) = (new SubwordTraining(wordCounts), new List<(string, string)>(wanted));
        while (merges.Count < wanted)
        {
            if (training.MaxFrequent() is not { } pair)
                throw new ConfigurationException(
                    $"merges: {wanted} are more than the training text gives; allowed: at most {merges.Count}."
                );
            merges.Add((training.symbols[pair.Left], training.symbols[pair.Right]));
            training.Join(pair);
        }

        return merges;
    }

    private static int Order((long Count, string Left, string Right) one, (long Count, string Left, string Right) other)
    {
        var byCount = other.Count.CompareTo(one.Count);
        var byLeft = byCount != 0 ? byCount : string.CompareOrdinal(other.Left, one.Left);
        return byLeft != 0 ? byLeft : string.CompareOrdinal(other.Right, one.Right);
    }

    private (int Left, int Right)? MaxFrequent()
    {
        // An entry whose count has changed since has another in the queue.
        while (queue.TryDequeue(out var pair, out var order))
        {
            if (order.Count == counts.GetValueOrDefault(pair))
                return order.Count >= MinCount ? pair : null;
        }

        return null;
    }

    private void Join((int Left, int Right) pair)
    {
        var (joined, changed) = (NumberOf(symbols[pair.Left] + symbols[pair.Right]), new HashSet<(int, int)>());
        foreach (var word in places[pair].Order().ToList())
        {
            var (before, count) = words[word];
            changed.UnionWith(Count(word, -count));
            words[word] = (Joined(before, pair, joined), count);
            changed.UnionWith(Count(word, count));
        }

        foreach (var other in changed)
            Queue(other);
    }

    private static int[] Joined(int[] word, (int Left, int Right) pair, int joined)
    {
        var after = new List<int>(word.Length);
        for (var place = 0; place < word.Length; place++)
        {
            var isPair = place + 1 < word.Length && (word[place], word[place + 1]) == pair;
            after.Add(isPair ? joined : word[place]);
            place += isPair ? 1 : 0;
        }

        return [.. after];
    }

    /// <summary>Adds a word's pairs to the counts, or takes them away.</summary>
    private List<(int Left, int Right)> Count(int word, long count)
    {
        List<(int, int)> pairs = [.. words[word].Symbols.Zip(words[word].Symbols.Skip(1))];
        foreach (var pair in pairs)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(counts, pair, out _) += count;
            ref var there = ref CollectionsMarshal.GetValueRefOrAddDefault(places, pair, out _);
            there ??= [];
            if (count > 0)
                there.Add(word);
            else
                there.Remove(word);
        }

        return pairs;
    }

    private void Queue((int Left, int Right) pair)
    {
        if (counts[pair] >= MinCount)
            queue.Enqueue(pair, (counts[pair], symbols[pair.Left], symbols[pair.Right]));
    }

    private int NumberOf(string symbol)
    {
        if (!numbers.TryGetValue(symbol, out var number))
        {
            numbers[symbol] = number = symbols.Count;
            symbols.Add(symbol);
        }

        return number;
    }
}
