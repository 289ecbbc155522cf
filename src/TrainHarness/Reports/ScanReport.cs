using System.Globalization;
using System.Text;
using TrainHarness.Analysis;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Reports.Wording;
using TrainHarness.Results;

namespace TrainHarness.Reports;

/// <summary>Rebuilds the outputs of a learning-rate scan from its records; needs neither a GPU nor libtorch.</summary>
public sealed record ScanReport(Study Scan, ScanSummary Summary, IReadOnlyDictionary<string, IReadOnlyList<TrialResult>> Results)
{
    /// <param name="store">A results folder with its study.yaml.</param>
    /// <returns>Null where the folder holds no scan.</returns>
    /// <exception cref="ConfigurationException">A record of it cannot be used.</exception>
    public static ScanReport? TryRead(ResultStore store)
    {
        if (!File.Exists(store.StudyFile) || StudyReader.ReadResolved(store.StudyFile) is not { ScanOf: not null } scan)
            return null;
        var results = new MeasuredStudy(scan, store).Results();
        return new ScanReport(scan, ScanSummary.Of(scan, results), results);
    }

    /// <summary>The scan that was made for a study, beside the study's folder; null where there is none of the study's metric.</summary>
    /// <exception cref="ConfigurationException">As <see cref="TryRead"/>.</exception>
    public static ScanReport? TryReadFor(Study study, ResultStore store)
    {
        if (study.Scan is null)
            return null;
        var scan = TryRead(new ResultStore(Path.Combine(Path.GetDirectoryName(store.Folder)!, LearningRateScan.NameOf(study))));
        return scan?.Summary.Metric.Fits(study.Target.Metric) == true ? scan : null;
    }

    public void Write(ResultStore store) => AtomicFile.Write(Path.Combine(store.Folder, "report.md"), Markdown());

    /// <summary>What the scan says, entry by entry.</summary>
    public IEnumerable<string> Lines() => Summary.Entries.Select(Line);

    public string Markdown()
    {
        var text = new StringBuilder();
        var (recipe, seed) = (Scan.Baseline.Recipe, Scan.Seeds[0]);
        text.Append(
            CultureInfo.InvariantCulture,
            $"# {Summary.Scan}\n\nLearning rates for the study {Summary.ScanOf}: {Measurement.Grids(Summary)}, "
                + $"seed {seed}, every schedule to its end. "
        );
        text.Append(
            CultureInfo.InvariantCulture,
            $"All trials together spent {Shown.Macs(Summary.TrainingMacs)} training multiply-adds; they are in no factor.\n\n"
        );
        Table(text);
        foreach (var line in Lines())
            text.Append(CultureInfo.InvariantCulture, $"- {line}\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"\n## How\n\nA try has {recipe.Epochs} epochs{Part(Scan.Settings)}, {Scan.Threads} "
                + $"{(Scan.Threads == 1 ? "thread" : "threads")}. "
        );
        text.Append(
            CultureInfo.InvariantCulture,
            $"What counts is {Summary.Metric} at the end of the schedule. A short try favours what learns fast at once; the rate that "
                + $"is best over a long schedule can be another one.\n"
        );
        return text.ToString();
    }

    private static string Part(IWorkloadSettings settings) =>
        settings is ImageSettings images
            ? string.Create(
                CultureInfo.InvariantCulture,
                $" of {Shown.Percent(images.Subset.TrainFraction)} of the training examples, {images.ImageSize} px"
            )
            : "";

    private void Table(StringBuilder text)
    {
        var rates = Summary.Entries.SelectMany(entry => entry.Rates).Select(rate => rate.LearningRate).Distinct().Order().ToList();
        text.Append(
            CultureInfo.InvariantCulture,
            $"{Summary.Metric} at the end, by learning rate; the best of an entry in bold.\n\n| entry "
                + $"|{string.Concat(rates.Select(rate => string.Create(CultureInfo.InvariantCulture, $" {rate:R} |")))} training "
                + $"multiply-adds |\n"
        );
        text.Append(CultureInfo.InvariantCulture, $"|---|{string.Concat(rates.Select(_ => "---|"))}---|\n");
        foreach (var entry in Summary.Entries)
        {
            var cells = rates.Select(rate =>
                entry.Rates.FirstOrDefault(tried => tried.LearningRate == rate) is { } tried ? Cell(tried, entry.Best) : Shown.Unknown
            );
            var spent = Compute.Macs.Sum(entry.Rates.Select(rate => rate.TrainingMacs ?? default));
            text.Append(CultureInfo.InvariantCulture, $"| {entry.Entry} | {string.Join(" | ", cells)} | {Shown.Macs(spent)} |\n");
        }

        text.Append('\n');
    }

    private string Cell(ScannedRate rate, double? best)
    {
        var text = rate.Outcome switch
        {
            null => Shown.Unknown,
            Outcome.Diverged => "diverged",
            _ => Shown.Level(Summary.Metric, rate.FinalMetric),
        };
        return rate.LearningRate == best ? $"**{text}**" : text;
    }

    private string NothingLearned() =>
        Summary.Metric.Chance is { } chance
            ? $"no rate left chance ({Shown.Level(Summary.Metric, chance)})"
            : $"no rate got better than at its first evaluation";

    private string Line(ScannedEntry entry)
    {
        var missing = entry.Rates.Count(rate => rate.Outcome is null);
        if (missing > 0)
            return string.Create(CultureInfo.InvariantCulture, $"{entry.Entry}: {missing} of {entry.Rates.Count} rates are not tried yet.");
        if (entry.Best is not { } best)
            return $"{entry.Entry}: {NothingLearned()} in so short a try; it says nothing about the rates.";
        var edge = entry.IsAtEdge ? ", at the edge of the grid: a better one may lie beyond" : "";
        var named = Scan.AllEntries.First(tried =>
            LearningRateScan.NameWithoutRate(tried) == entry.Entry && tried.Variant!.LearningRate == best
        );
        return $"{entry.Entry}: best at {named.Name}{edge}.";
    }
}
