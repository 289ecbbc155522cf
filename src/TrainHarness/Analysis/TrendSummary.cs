namespace TrainHarness.Analysis;

/// <summary>How fast the best factor doubles, by more than one method, with what speaks against believing it.</summary>
/// <param name="Points">All that took part, in order of date: the frontier and what was not on it.</param>
/// <param name="Frontier">What was better than everything before it.</param>
/// <param name="Entrants">How many took part. The frontier is the best of so many: with more of them it rises by luck alone.</param>
/// <param name="LeaveOneOut">Least squares without one point of the frontier, which is selected again: what one network decides.</param>
public sealed record TrendSummary(
    IReadOnlyList<TrendPoint> Points,
    IReadOnlyList<TrendPoint> Frontier,
    int Entrants,
    IReadOnlyList<TrendEstimate> Estimates,
    IReadOnlyList<LeftOut> LeaveOneOut
)
{
    public TrendEstimate By(TrendMethod method) => Estimates.First(estimate => estimate.Method == method);

    /// <param name="reference">Name of the entrant that factors divide by; it takes part in every resample.</param>
    public static TrendSummary Of(IReadOnlyList<TrendEntrant> entrants, string reference)
    {
        var dated = entrants.OrderBy(entrant => entrant.Point.Published).ThenByDescending(entrant => entrant.Point.Factor).ToList();
        var points = dated.ConvertAll(entrant => entrant.Point);
        var frontier = FrontierOf(points);
        var resampling = new TrendResampling(dated, reference);
        var (seeds, others) = (resampling.OverSeeds(), resampling.OverEntrants());
        return new TrendSummary(
            points,
            frontier,
            points.Count,
            [
                .. Enum.GetValues<TrendMethod>()
                    .Select(method => new TrendEstimate(
                        method,
                        Trend.DoublingTimeMonths(frontier, method),
                        seeds?.IntervalOf(method),
                        others?.IntervalOf(method)
                    )),
            ],
            [.. frontier.Select(left => new LeftOut(left.Name, Trend.DoublingTimeMonths(FrontierOf(points.Where(point => point != left)))))]
        );
    }

    /// <summary>What needs more than the baseline saves nothing and begins no trend.</summary>
    private static IReadOnlyList<TrendPoint> FrontierOf(IEnumerable<TrendPoint> points) =>
        Trend.Frontier(points.Where(point => point.Factor >= 1));
}

/// <summary>A doubling time by one method.</summary>
/// <param name="DoublingTimeMonths">Null with too few points.</param>
/// <param name="OverSeeds">
/// How sure it is for these networks: costs drawn again from what their seeds say. Null where an entrant has fewer than three seeds.
/// </param>
/// <param name="OverEntrants">
/// How much hangs on which networks were tried: entrants drawn again with replacement. Null with fewer than four.
/// </param>
public sealed record TrendEstimate(TrendMethod Method, double? DoublingTimeMonths, TrendInterval? OverSeeds, TrendInterval? OverEntrants);

/// <summary>The middle 95 % of doubling times over resamples, in each of which the frontier was selected anew.</summary>
/// <param name="Low">Months.</param>
/// <param name="High">Months.</param>
/// <param name="WithoutTrend">Resamples whose frontier had too few points for the method; they are in no interval.</param>
public sealed record TrendInterval(double Low, double High, int Resamples, int WithoutTrend);

/// <summary>The doubling time without one network; null where too few points are left.</summary>
public sealed record LeftOut(string Name, double? DoublingTimeMonths);

/// <summary>A network of a trend with how well its mean cost is known.</summary>
/// <param name="Spread">Null where its seeds do not say.</param>
public sealed record TrendEntrant(TrendPoint Point, CostSpread? Spread);

/// <summary>How far a mean of log costs may lie from its estimate: standard error and degrees of freedom.</summary>
public sealed record CostSpread(double StandardError, int Freedom);
