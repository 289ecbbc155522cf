namespace TrainHarness.Training.Workloads.Translation.Scoring;

/// <summary>BLEU of a corpus as sacreBLEU computes it (Post 2018, arXiv:1804.08771).</summary>
public static class Bleu
{
    private const int Orders = 4;

    /// <summary>The score of hypotheses, line by line, against one reference each.</summary>
    public static BleuScore Of(IReadOnlyList<string> hypotheses, IReadOnlyList<string> references, BleuRules rules) =>
        Of(hypotheses, [.. references.Select(reference => (string[])[reference])], references: 1, rules);

    /// <param name="hypotheses">A line each.</param>
    /// <param name="alternatives">For each hypothesis as many references as for any other.</param>
    /// <param name="references">How many that is.</param>
    /// <exception cref="ArgumentException">Not every hypothesis has its references.</exception>
    public static BleuScore Of(
        IReadOnlyList<string> hypotheses,
        IReadOnlyList<IReadOnlyList<string>> alternatives,
        int references,
        BleuRules rules
    )
    {
        if (hypotheses.Count != alternatives.Count || alternatives.Any(lines => lines.Count != references))
            throw new ArgumentException(
                $"{hypotheses.Count} hypotheses have {alternatives.Count} lines of references, {references} each.",
                nameof(alternatives)
            );
        var (counts, totals, length, referenceLength) = (new long[Orders], new long[Orders], 0L, 0L);
        foreach (var (hypothesis, lines) in hypotheses.Zip(alternatives))
        {
            var words = rules.Words(hypothesis);
            List<string[]> wanted = [.. lines.Select(rules.Words)];
            length += words.Length;
            referenceLength += Nearest(words.Length, wanted);
            for (var order = 1; order <= Orders; order++)
            {
                totals[order - 1] += Math.Max(0, words.Length - order + 1);
                counts[order - 1] += Matches(words, wanted, order);
            }
        }

        var penalty =
            length >= referenceLength ? 1
            : length == 0 ? 0
            : Math.Exp(1 - ((double)referenceLength / length));
        return new BleuScore(
            penalty * GeometricMean(counts, totals, rules.Smoothing),
            rules.Signature(references),
            counts,
            totals,
            penalty,
            length,
            referenceLength
        );
    }

    private static int Nearest(int length, List<string[]> references) =>
        references.Select(reference => reference.Length).OrderBy(other => Math.Abs(other - length)).ThenBy(other => other).First();

    private static long Matches(string[] words, List<string[]> references, int order)
    {
        var allowed = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var reference in references)
        {
            foreach (var (gram, count) in Grams(reference, order))
                allowed[gram] = Math.Max(count, allowed.GetValueOrDefault(gram));
        }

        return Grams(words, order).Sum(gram => (long)Math.Min(gram.Value, allowed.GetValueOrDefault(gram.Key)));
    }

    // No word has a blank in it.
    private static Dictionary<string, int> Grams(string[] words, int order)
    {
        var grams = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var first = 0; first + order <= words.Length; first++)
        {
            var gram = string.Join(' ', words, first, order);
            grams[gram] = grams.GetValueOrDefault(gram) + 1;
        }

        return grams;
    }

    /// <returns>Of the four precisions in percent; 0 where one of them is.</returns>
    private static double GeometricMean(long[] counts, long[] totals, BleuSmoothing smoothing)
    {
        if (counts.All(count => count == 0))
            return 0;
        var (logarithms, halved) = (0.0, 1.0);
        for (var order = 0; order < Orders; order++)
        {
            var added = smoothing == BleuSmoothing.AddOne && order > 0 ? 1 : 0;
            var (count, total) = ((double)counts[order] + added, (double)totals[order] + added);
            if (count == 0)
            {
                count = smoothing switch
                {
                    BleuSmoothing.Exp => 1 / (halved *= 2),
                    BleuSmoothing.Floor => 0.1,
                    _ => 0,
                };
            }

            if (total == 0 || count == 0)
                return 0;
            logarithms += Math.Log(100 * count / total);
        }

        return Math.Exp(logarithms / Orders);
    }
}
