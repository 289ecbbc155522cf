using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Analysis;

/// <summary>
/// What imported trials are divided by: the study's own baseline by their convention, or, where no trial here is counted so, imported
/// trials of the baseline's architecture.
/// </summary>
internal sealed class ImportedBaseline(
    Study study,
    StudySummary summary,
    IReadOnlyDictionary<string, IReadOnlyList<TrialResult>> results,
    IReadOnlyList<ImportedTrial> imported
)
{
    /// <summary>What a factor may divide by.</summary>
    /// <param name="WhyNone">Why there is nothing, in a few words; null where there is something.</param>
    public sealed record Divisor(string Name, IReadOnlyList<CostToTarget?> Costs, string? WhyNone)
    {
        /// <summary>Whether it is the trial's own entry.</summary>
        public bool IsItself { get; init; }
    }

    /// <summary>Why the levels of a trial are not those of the target, in a few words; null where they are.</summary>
    public string? WhyIncomparable(ImportedTrial trial)
    {
        var metric = summary.Target.Metric;
        if (trial.Metric != metric.Name)
            return $"measured by {trial.Metric}, and not by {metric.Name}";
        if (trial.Signature != metric.Signature)
            return $"{metric.Name} of the signature {trial.Signature ?? "none"}, and not {metric.Signature ?? "none"}";
        // Before the first trial is done nobody knows how its data is called.
        if (Trials().Select(done => done.Record.Dataset.Name).FirstOrDefault() is { } dataset && trial.Dataset != dataset)
            return $"on {trial.Dataset}, and not on {dataset}";
        if (trial.Evaluations.Any(evaluation => !metric.Holds(evaluation.Value)))
            return $"it has a {metric.Name} that cannot be";
        return summary.Target.Threshold is null ? "there is no target yet" : null;
    }

    /// <summary>For a trial that compares.</summary>
    public Divisor For(ImportedTrial trial)
    {
        if (trial.Convention.Named is { } convention)
        {
            var costs = results[summary.Baseline]
                .Select(done => new TrialCurve(done).CostTo(summary.Target.Threshold!.Value, at => Spent(at.Ledger, convention)));
            return new Divisor(summary.Baseline, [.. costs], null);
        }

        List<ImportedTrial> alike =
        [
            .. imported.Where(other =>
                other.Architecture == study.Baseline.Architecture
                && other.Convention == trial.Convention
                && other.Dataset == trial.Dataset
                && WhyIncomparable(other) is null
            ),
        ];
        if (alike.Count == 0)
            return new Divisor("", [], $"counted as '{trial.Convention}', and no {study.Baseline.Architecture} of its dataset is");
        // As in the study: the cheapest schedule that reached the target with every trial divides.
        var entries = alike
            .GroupBy(other => other.Entry)
            .Select(group => (Name: group.Key, Costs: group.Select(other => ImportedCost.To(summary.Target, other)).ToList()))
            .ToList();
        var reached = entries.Where(entry => entry.Costs.TrueForAll(cost => cost.Reached)).ToList();
        var dividing = (reached.Count > 0 ? reached : entries).MinBy(entry =>
            GeometricMean.Of([.. entry.Costs.Select(cost => cost.Deciding.TrainingMacs.Count)])
        );
        return new Divisor($"{dividing.Name}, imported", [.. dividing.Costs.Select(cost => cost.Compute)], null)
        {
            IsItself = dividing.Name == trial.Entry,
        };
    }

    // Multiply-adds, as the columns of imported files are: the two conventions of three forward passes differ in what one is worth.
    private static double Spent(ComputeLedger ledger, Convention convention) =>
        convention == Convention.Exact ? ledger.Training.ToDouble() : (double)Flops.Training(ledger, Convention.Paper).Count;

    private IEnumerable<TrialResult> Trials() => study.AllEntries.SelectMany(entry => results[entry.Name]);
}
