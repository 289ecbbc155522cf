using System.Globalization;
using TrainHarness.Analysis;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Reports.Exports;

/// <summary>
/// A format of other programs that records can be written in, after they were measured: one entry of <see cref="Shipped"/> is all that it
/// needs.
/// </summary>
/// <param name="Name">As <c>report --export</c> takes it; small letters.</param>
/// <param name="Description">What is written, for whom, in one sentence.</param>
public sealed record ExportFormat(string Name, string Description, Func<AnalysedStudy, IEnumerable<ExportedFile>> Files)
{
    /// <summary>Whether it is made of seconds, so that trials which shared a device are left out.</summary>
    public bool NeedsOwnDevice { get; init; }

    public static IReadOnlyList<ExportFormat> Shipped { get; } =
    [
        new("tensorboard", "Scalars of every trial beside its record, for TensorBoard.", TensorBoardEvents.Of),
        new("mlperf", "mlperf.log of every trial beside its record, as MLPerf Training logs.", MlperfLog.Of) { NeedsOwnDevice = true },
        new("dawnbench", "dawnbench/ENTRY.seed-N.json and .tsv, as DAWNBench takes entries.", DawnBenchEntry.Of) { NeedsOwnDevice = true },
        new("parquet", "evaluations.parquet: every evaluation of every trial.", EvaluationsParquet.Of),
    ];

    /// <summary>Those of a list with commas.</summary>
    /// <exception cref="ConfigurationException">One does not exist.</exception>
    public static IReadOnlyList<ExportFormat> Parse(string list)
    {
        var names = list.Split(',', StringSplitOptions.TrimEntries);
        return [.. names.Distinct(StringComparer.Ordinal).Select(Named)];
    }

    /// <summary>What is left out of a study, in one line; null where nothing is.</summary>
    public string? LeftOut(AnalysedStudy analysed) =>
        NeedsOwnDevice && analysed.Trials().Count(trial => !trial.Record.Clocks.IsItsOwn) is > 0 and var shared
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{Name}: trials that shared a device are left out ({shared}), as their seconds compare with nothing."
            )
            : null;

    /// <summary>The trials that a format of seconds is made of.</summary>
    /// <exception cref="ConfigurationException">All of them shared a device.</exception>
    internal static List<TrialResult> OnTheirOwn(AnalysedStudy analysed, string format)
    {
        List<TrialResult> all = [.. analysed.Trials()];
        List<TrialResult> own = [.. all.Where(trial => trial.Record.Clocks.IsItsOwn)];
        return own.Count > 0 || all.Count == 0
            ? own
            : throw new ConfigurationException(
                $"--export: {format} is made of seconds, and every trial of {analysed.Study.Name} shared a device; allowed: another format."
            );
    }

    private static ExportFormat Named(string name) =>
        Shipped.FirstOrDefault(format => format.Name == name)
        ?? throw new ConfigurationException(
            $"--export: unknown format '{name}'; {NearNames.Allowed(name, Shipped.Select(format => format.Name))}"
        );
}
