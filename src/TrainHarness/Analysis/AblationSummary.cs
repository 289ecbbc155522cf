using TrainHarness.Protocol;

namespace TrainHarness.Analysis;

/// <summary>
/// What each change on the way from the baseline to a modern entry gave: Shapley shares of the logarithm of the reduction factor
/// (Shapley 1953).
/// </summary>
/// <param name="From">The study's baseline, which has no change.</param>
/// <param name="To">The entry with all changes.</param>
/// <param name="Whole">The reduction factor between the two; null where one of them has no cost.</param>
/// <param name="Shares">In the order in which they were made, and of one place in that of the study; they multiply to the whole.
/// Empty where <paramref name="Orders"/> is zero.</param>
/// <param name="Parts">The same, added up over architecture, recipe and data; parts without a change are left out.</param>
/// <param name="Interactions">Of every two changes that were measured without, with either and with both.</param>
/// <param name="Orders">
/// Over how many orders of the changes the shares are a mean: those whose every combination was measured and reached the target with
/// every trial.
/// </param>
/// <param name="AllOrders">How many orders there are.</param>
/// <param name="LeftOut">Entries that missed the target, diverged or have no trial; no order over them counts.</param>
/// <param name="Singles">The product of what each change gives alone; null where not each was measured alone.</param>
public sealed record AblationSummary(
    string From,
    string To,
    ShareFactor? Whole,
    IReadOnlyList<ChangeShare> Shares,
    IReadOnlyList<PartShare> Parts,
    IReadOnlyList<Interaction> Interactions,
    double Orders,
    double AllOrders,
    IReadOnlyList<string> LeftOut,
    double? Singles
)
{
    /// <summary>Whether every combination of the changes counts, so that the shares are Shapley's own and depend on no order.</summary>
    public bool IsComplete => Orders == AllOrders;

    /// <param name="costs">To the target, trial by trial, of the baseline and every entry; null for a trial that says nothing.</param>
    public static AblationSummary Of(AblationRule rule, string baseline, IReadOnlyDictionary<string, IReadOnlyList<CostToTarget?>> costs)
    {
        var names = rule.Changes.Select(change => change.Name).ToList();
        var entries = rule.Steps.ToDictionary(step => Combination.Of(names, step.Changes), step => step.Entry);
        entries.Add(0, baseline);
        var counting = entries
            .Where(entry => costs[entry.Value] is { Count: > 0 } all && all.All(cost => cost is { Reached: true }))
            .ToDictionary(entry => entry.Key, entry => (IReadOnlyList<double>)[.. costs[entry.Value].Select(cost => Math.Log(cost!.Cost))]);
        var unresolved = counting.Keys.Where(key => !costs[entries[key]].All(cost => cost!.Resolved)).ToHashSet();
        var game = new AblationGame(counting, unresolved, names.Count);
        var shares =
            game.Orders == 0
                ? []
                : rule
                    .Changes.Select(
                        (change, index) => (Change: change, Weights: game.Share(index), Steps: game.Steps(index), Place: game.Place(index))
                    )
                    .OrderBy(share => share.Place)
                    .ToList();
        var whole = game.Whole();
        return new AblationSummary(
            baseline,
            rule.Modern,
            whole,
            [
                .. shares.Select(share => new ChangeShare(
                    share.Change.Name,
                    share.Change.Part,
                    game.Factor(share.Weights),
                    Part(share.Weights),
                    share.Steps.Min(),
                    share.Steps.Max()
                )),
            ],
            [
                .. shares
                    .GroupBy(share => share.Change.Part)
                    .OrderBy(part => part.Key)
                    .Select(part => Sum(part.Key, AblationGame.Sum(part.Select(share => share.Weights)))),
            ],
            [
                .. game.Interactions()
                    .Select(pair => new Interaction(names[pair.First], names[pair.Second], game.Factor(pair.Weights), pair.Squares)),
            ],
            game.Orders,
            Enumerable.Range(1, names.Count).Aggregate(1.0, (product, number) => product * number),
            [.. entries.Where(entry => !counting.ContainsKey(entry.Key)).Select(entry => entry.Value)],
            game.Singles()
        );

        PartShare Sum(AblationPart part, IReadOnlyDictionary<int, double> weights) => new(part, game.Factor(weights), Part(weights));

        double? Part(IReadOnlyDictionary<int, double> weights) =>
            whole is { Factor: not 1 } ? game.Value(weights) / Math.Log(whole.Factor) : null;
    }
}

/// <summary>A factor of costs with its 95 % interval over seeds, by Welch's t on the logarithm.</summary>
/// <param name="Low">Null with fewer than three seeds of an entry that it is made of.</param>
/// <param name="Resolved">Every crossing that it is made of has enough evaluations before it.</param>
public sealed record ShareFactor(double Factor, double? Low, double? High, bool Resolved);

/// <summary>What one change gave.</summary>
/// <param name="Share">The Shapley share as a factor.</param>
/// <param name="PartOfWhole">Its logarithm ÷ that of the whole factor; null where the whole is 1.</param>
/// <param name="Min">The smallest factor that it gave anywhere on the orders that count.</param>
/// <param name="Max">The largest.</param>
public sealed record ChangeShare(string Change, AblationPart Part, ShareFactor Share, double? PartOfWhole, double Min, double Max);

/// <summary>What the changes of the architecture, of the recipe or of the data gave together.</summary>
public sealed record PartShare(AblationPart Part, ShareFactor Share, double? PartOfWhole);

/// <summary>Two changes together ÷ the product of what each gives without the other; below 1 they give less than their product.</summary>
/// <param name="Squares">In how many combinations of the other changes it was measured; the factor is their geometric mean.</param>
public sealed record Interaction(string First, string Second, ShareFactor Factor, int Squares);
