using MathNet.Numerics.Distributions;
using TrainHarness.Protocol;

namespace TrainHarness.Analysis;

/// <summary>
/// Doubling times over resamples of a trend, the frontier selected anew in each. The same entrants give the same numbers.
/// </summary>
/// <param name="entrants">In order of date.</param>
internal sealed class TrendResampling(IReadOnlyList<TrendEntrant> entrants, string reference)
{
    private const int Resamples = 2000;

    /// <summary>With fewer, drawing them again says nothing of what others would have shown.</summary>
    private const int MinEntrants = 4;

    private readonly double[] months = [.. entrants.Select(entrant => entrant.Point.Published.DayNumber / Trend.DaysPerMonth)];
    private readonly double[] doublings = [.. entrants.Select(entrant => Math.Log2(entrant.Point.Factor))];
    private readonly int referenceIndex = entrants.ToList().FindIndex(entrant => entrant.Point.Name == reference);

    /// <summary>
    /// Each mean log cost is drawn from Student's t around its estimate, as Welch's interval takes it; null where one has no spread.
    /// </summary>
    public TrendSample? OverSeeds()
    {
        if (referenceIndex < 0 || entrants.Any(entrant => entrant.Spread is null))
            return null;
        var random = Seeds.Generator(1, "trend over seeds");
        return Sample(drawn =>
        {
            var baseline = Draw(referenceIndex);
            for (var index = 0; index < drawn.Length; index++)
                drawn[index] = index == referenceIndex ? 0 : doublings[index] + ((baseline - Draw(index)) / Math.Log(2));
        });

        double Draw(int index) =>
            entrants[index].Spread! is var spread ? spread.StandardError * StudentT.Sample(random, 0, 1, spread.Freedom) : 0;
    }

    /// <summary>As many entrants as there are, drawn with replacement; the reference is always there. Null with fewer than four.</summary>
    public TrendSample? OverEntrants()
    {
        if (referenceIndex < 0 || entrants.Count < MinEntrants)
            return null;
        var random = Seeds.Generator(1, "trend over entrants");
        return Sample(drawn =>
        {
            Array.Fill(drawn, double.NegativeInfinity);
            drawn[referenceIndex] = doublings[referenceIndex];
            for (var draw = 1; draw < drawn.Length; draw++)
            {
                var index = random.Next(drawn.Length - 1);
                index += index >= referenceIndex ? 1 : 0;
                drawn[index] = doublings[index];
            }
        });
    }

    private TrendSample Sample(Action<double[]> draw)
    {
        var sample = new TrendSample(Resamples);
        var drawn = new double[doublings.Length];
        var (frontierMonths, frontierDoublings) = (new double[doublings.Length], new double[doublings.Length]);
        for (var resample = 0; resample < Resamples; resample++)
        {
            draw(drawn);
            var count = SelectFrontier(drawn, frontierMonths, frontierDoublings);
            sample.Add(frontierMonths.AsSpan(0, count), frontierDoublings.AsSpan(0, count));
        }

        return sample;
    }

    private int SelectFrontier(double[] drawn, double[] frontierMonths, double[] frontierDoublings)
    {
        var count = 0;
        for (var index = 0; index < drawn.Length; index++)
        {
            if (drawn[index] < 0 || (count > 0 && drawn[index] <= frontierDoublings[count - 1]))
                continue;
            // Of one day's networks the best stands for all.
            if (count > 0 && frontierMonths[count - 1] == months[index])
                count--;
            (frontierMonths[count], frontierDoublings[count]) = (months[index], drawn[index]);
            count++;
        }

        return count;
    }
}

/// <summary>Growth by each method in every resample.</summary>
internal sealed class TrendSample(int resamples)
{
    private readonly Dictionary<TrendMethod, List<double>> growths = Enum.GetValues<TrendMethod>()
        .ToDictionary(method => method, _ => new List<double>(resamples));

    public void Add(ReadOnlySpan<double> months, ReadOnlySpan<double> doublings)
    {
        foreach (var (method, values) in growths)
        {
            if (Trend.Growth(months, doublings, method) is > 0 and var growth)
                values.Add(growth);
        }
    }

    /// <summary>Null where most resamples had no trend.</summary>
    public TrendInterval? IntervalOf(TrendMethod method)
    {
        var rising = growths[method].Order().ToList();
        if (rising.Count * 2 < resamples)
            return null;
        return new TrendInterval(1 / Quantile(rising, 0.975), 1 / Quantile(rising, 0.025), resamples, resamples - rising.Count);
    }

    private static double Quantile(List<double> rising, double part)
    {
        var place = part * (rising.Count - 1);
        var below = (int)place;
        return below + 1 < rising.Count ? rising[below] + ((place - below) * (rising[below + 1] - rising[below])) : rising[below];
    }
}
