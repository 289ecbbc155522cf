using TrainHarness.Protocol;

namespace TrainHarness.Analysis;

/// <summary>
/// The game whose players are changes and whose value is the logarithm of what a combination of them saves. Every answer is a weighted sum
/// over combinations, so that its interval follows from the spread of each.
/// </summary>
/// <param name="logCosts">Of every combination that counts, one for each trial; a bit of the key for each change.</param>
/// <param name="unresolved">The combinations with a crossing that is not resolved.</param>
internal sealed class AblationGame(IReadOnlyDictionary<int, IReadOnlyList<double>> logCosts, IReadOnlySet<int> unresolved, int changes)
{
    // What cancels between combinations may leave the last digit.
    private const double NoWeight = 1e-12;

    private readonly Dictionary<int, double> fromNone = Combination.Orders([.. logCosts.Keys], changes, fromNone: true);
    private readonly Dictionary<int, double> toWhole = Combination.Orders([.. logCosts.Keys], changes, fromNone: false);

    /// <summary>How many orders of the changes go over combinations that count.</summary>
    public double Orders => fromNone.GetValueOrDefault(All);

    private int All => Combination.Whole(changes);

    /// <summary>From none to all; null where one of the two does not count.</summary>
    public ShareFactor? Whole() => Counts(0) && Counts(All) ? Factor(Gain(0, All)) : null;

    /// <summary>A change's mean gain over the orders that count, as weights of combinations; over all orders it is Shapley's.</summary>
    public IReadOnlyDictionary<int, double> Share(int change)
    {
        var weights = new Dictionary<int, double>();
        foreach (var (without, with) in Edges(change))
            Add(weights, Gain(without, with), fromNone[without] * toWhole[with] / Orders);
        return weights;
    }

    /// <summary>The factor that a change gave at each place of the orders that count.</summary>
    public IEnumerable<double> Steps(int change) => Edges(change).Select(edge => Math.Exp(Value(Gain(edge.Without, edge.With))));

    /// <summary>The earliest place, from 1, that a change has in an order that counts.</summary>
    public int Place(int change) => Edges(change).Min(edge => int.PopCount(edge.With));

    /// <summary>Every two changes with a combination of the others that counts without them, with either and with both.</summary>
    public IEnumerable<(int First, int Second, IReadOnlyDictionary<int, double> Weights, int Squares)> Interactions()
    {
        for (var first = 0; first < changes; first++)
        {
            for (var second = first + 1; second < changes; second++)
            {
                var (one, two) = (1 << first, 1 << second);
                var squares = logCosts
                    .Keys.Where(bits => (bits & (one | two)) == 0 && Counts(bits | one) && Counts(bits | two) && Counts(bits | one | two))
                    .Order()
                    .ToList();
                if (squares.Count == 0)
                    continue;
                var weights = new Dictionary<int, double>();
                foreach (var bits in squares)
                {
                    Add(weights, Gain(bits, bits | one | two), 1.0 / squares.Count);
                    Add(weights, Gain(bits, bits | one), -1.0 / squares.Count);
                    Add(weights, Gain(bits, bits | two), -1.0 / squares.Count);
                }

                yield return (first, second, weights, squares.Count);
            }
        }
    }

    /// <summary>The product of what each change gives alone; null where not each counts, and where there is only one.</summary>
    public double? Singles() =>
        changes > 1 && Counts(0) && Enumerable.Range(0, changes).All(change => Counts(1 << change))
            ? Math.Exp(Enumerable.Range(0, changes).Sum(change => Value(Gain(0, 1 << change))))
            : null;

    public double Value(IReadOnlyDictionary<int, double> weights) =>
        weights.OrderBy(weight => weight.Key).Sum(weight => weight.Value * logCosts[weight.Key].Average());

    public ShareFactor Factor(IReadOnlyDictionary<int, double> weights)
    {
        var value = Value(weights);
        var margin = LogContrast.Margin(weights.OrderBy(weight => weight.Key).Select(weight => (weight.Value, logCosts[weight.Key])));
        var isResolved = !weights.Any(weight => Math.Abs(weight.Value) > NoWeight && unresolved.Contains(weight.Key));
        return margin is { } half
            ? new ShareFactor(Math.Exp(value), Math.Exp(value - half), Math.Exp(value + half), isResolved)
            : new ShareFactor(Math.Exp(value), null, null, isResolved);
    }

    public static IReadOnlyDictionary<int, double> Sum(IEnumerable<IReadOnlyDictionary<int, double>> all)
    {
        var sum = new Dictionary<int, double>();
        foreach (var weights in all)
            Add(sum, weights, 1);
        return sum;
    }

    private IEnumerable<(int Without, int With)> Edges(int change) =>
        logCosts
            .Keys.Order()
            .Where(bits => (bits & (1 << change)) == 0 && Counts(bits | (1 << change)))
            .Select(bits => (Without: bits, With: bits | (1 << change)))
            .Where(edge => fromNone[edge.Without] > 0 && toWhole[edge.With] > 0);

    private bool Counts(int bits) => logCosts.ContainsKey(bits);

    /// <summary>What is saved between two combinations, as weights of log costs.</summary>
    private static Dictionary<int, double> Gain(int without, int with) => new() { [without] = 1, [with] = -1 };

    private static void Add(Dictionary<int, double> sum, IReadOnlyDictionary<int, double> weights, double times)
    {
        foreach (var (bits, weight) in weights)
            sum[bits] = sum.GetValueOrDefault(bits) + (times * weight);
    }
}
