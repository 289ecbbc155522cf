using System.Globalization;
using TrainHarness.Analysis;
using TrainHarness.Results;

namespace TrainHarness.Reports.Wording;

/// <summary>The answer of a study in one or two sentences.</summary>
public static class Headline
{
    /// <summary>
    /// What a factor is given for: the entry of another architecture than the baseline's that saves most; null where none reached the
    /// target.
    /// </summary>
    public static EntrySummary? Best(AnalysedStudy analysed) =>
        analysed.Summary.Target.Threshold is null
            ? null
            : analysed
                .Summary.Entries.Where(entry =>
                    entry.Architecture != analysed.Study.Baseline.Architecture
                    && entry is { IsOfItsScale: true, ReductionFactor: not null, Bound: null or Bound.AtLeast }
                )
                .MaxBy(entry => entry.ReductionFactor);

    /// <summary>In Markdown: what matters is bold.</summary>
    public static string Of(AnalysedStudy analysed)
    {
        var (study, summary) = (analysed.Study, analysed.Summary);
        if (summary.Target.Threshold is not { } threshold)
            return analysed.Results[study.Baseline.Name].Any(trial => trial.Record.Outcome == Outcome.Diverged)
                ? "The baseline diverged: there is no target."
                : "The baseline is not finished: there is no target yet.";
        var target = Shown.WithArticle(Shown.Goal(summary.Target.Metric, threshold));
        if (study.AllEntries.All(entry => entry.Architecture == study.Baseline.Architecture))
            return $"Every entry is a {study.Baseline.Architecture}: nothing is compared with another architecture."
                + $" The target was {target}.";
        if (Best(analysed) is not { } best)
            return summary.Entries.Any(entry => entry.Architecture != study.Baseline.Architecture && entry.Reached > 0)
                ? $"No factor can be given: no entry of another architecture than {study.Baseline.Architecture} has one"
                    + $" (see what to be careful of). The target was {target}."
                : $"No entry of another architecture than {study.Baseline.Architecture} reached the target, {target}.";
        // Of several recipes of one network the one that did it.
        var name = summary.Entries.Count(entry => entry.Architecture == best.Architecture) > 1 ? best.Entry : best.Architecture;
        if (best.Bound == Bound.AtLeast)
            return $"**{name}** reached {target}, which {summary.Baseline} did not with every seed: a reduction factor of "
                + $"**{Shown.Factor(best)}**; {Counted(best.Trials, "seed")}.";
        var certainty = best.Low is null ? $"; {Counted(best.Trials, "seed")}, no interval" : "";
        var unresolved = best.Resolved ? "" : ", unresolved";
        var compared =
            best.ReductionFactor >= 1
                ? $"with **{Shown.Factor(best)}** less training compute than {summary.Baseline}"
                : $"but with more training compute than {summary.Baseline} (a reduction factor of **{Shown.Factor(best)}**)";
        return $"**{name}** reached {study.Baseline.Architecture}'s level, {target}, {compared}{certainty}{unresolved}.";
    }

    private static string Counted(int count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");
}
