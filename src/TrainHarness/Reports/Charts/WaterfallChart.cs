using TrainHarness.Analysis;
using TrainHarness.Protocol;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Reports.Charts;

/// <summary>How the shares of an ablation multiply to the whole factor.</summary>
public static class WaterfallChart
{
    public const string Name = "ablation";

    /// <summary>Null without shares.</summary>
    public static Chart? Of(AblationSummary? ablation)
    {
        if (ablation is not { Shares.Count: > 0, Whole: { } whole })
            return null;
        var places = Places(ablation);
        var height = 1.0;
        var bars = new List<(AblationPart Part, SeriesPoint Point)>();
        foreach (var (index, share) in places.Index())
        {
            bars.Add((share.Part, new SeriesPoint(index + 1, height * share.Share.Factor) { From = height }));
            height *= share.Share.Factor;
        }

        return new Chart(
            Name,
            "What each change gave",
            $"From {ablation.From}, 1×, to {ablation.To}, {Shown.Times(whole.Factor)}. Each bar begins where the one before it ends: "
                + string.Join(", ", places.Select(share => $"{share.Change} {Shown.Times(share.Share.Factor)}"))
                + ". The last bar is the whole.",
            new Axis("change", Scale.Linear) { Names = [.. places.Select(share => share.Change), "the whole"] },
            new Axis("reduction factor", Scale.LogFactor),
            [
                .. bars.GroupBy(bar => bar.Part)
                    .Select(part => new Series(
                        PartWords.Of(part.Key),
                        PartWords.Of(part.Key),
                        Mark.Bars,
                        (int)part.Key,
                        [.. part.Select(bar => bar.Point)]
                    )),
                new Series("the whole", null, Mark.Bars, Palette.Grey, [new SeriesPoint(places.Count + 1, whole.Factor) { From = 1 }]),
            ]
        );
    }

    /// <summary>As they were made where one order counts; otherwise the largest first.</summary>
    private static List<ChangeShare> Places(AblationSummary ablation) =>
        ablation.Orders == 1 ? [.. ablation.Shares] : [.. ablation.Shares.OrderByDescending(share => share.Share.Factor)];
}
