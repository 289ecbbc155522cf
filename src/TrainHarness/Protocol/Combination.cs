namespace TrainHarness.Protocol;

/// <summary>Some of up to <see cref="AblationRule.MaxChanges"/> changes, a bit for each.</summary>
internal static class Combination
{
    public static int Of(IReadOnlyList<string> all, IEnumerable<string> some) =>
        some.Aggregate(0, (bits, name) => bits | (1 << all.ToList().IndexOf(name)));

    /// <summary>The combination of all changes.</summary>
    public static int Whole(int changes) => (1 << changes) - 1;

    /// <summary>Whether one change at a time leads from none to all over the given ones.</summary>
    public static bool HasOrder(IReadOnlyCollection<int> measured, int changes) =>
        Orders(measured, changes, fromNone: true).GetValueOrDefault(Whole(changes)) > 0;

    /// <summary>In how many orders each combination is reached over measured ones alone, from none or back from all of them.</summary>
    public static Dictionary<int, double> Orders(IReadOnlyCollection<int> measured, int changes, bool fromNone)
    {
        var start = fromNone ? 0 : Whole(changes);
        var orders = new Dictionary<int, double> { [start] = measured.Contains(start) ? 1 : 0 };
        var rest = measured.Where(bits => bits != start).Distinct();
        foreach (var bits in fromNone ? rest.OrderBy(int.PopCount) : rest.OrderByDescending(int.PopCount))
        {
            orders[bits] = Enumerable
                .Range(0, changes)
                .Select(change => 1 << change)
                .Where(change => (bits & change) != 0 == fromNone)
                .Sum(change => orders.GetValueOrDefault(bits ^ change));
        }

        return orders;
    }
}
