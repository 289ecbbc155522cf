using TrainHarness.Analysis;
using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Reports.Exports;

/// <summary>
/// A format of other programs that records can be written in, after they were measured: one entry of <see cref="Shipped"/> is all that it
/// needs.
/// </summary>
/// <param name="Name">As <c>report --export</c> takes it; small letters.</param>
/// <param name="Description">What is written, for whom, in one sentence.</param>
public sealed record ExportFormat(string Name, string Description, Func<AnalysedStudy, IEnumerable<ExportedFile>> Files)
{
    public static IReadOnlyList<ExportFormat> Shipped { get; } =
    [
        new("tensorboard", "Scalars of every trial beside its record, for TensorBoard.", TensorBoardEvents.Of),
        new("mlperf", "mlperf.log of every trial beside its record, as MLPerf Training logs.", MlperfLog.Of),
        new("dawnbench", "dawnbench/ENTRY.seed-N.json and .tsv, as DAWNBench takes entries.", DawnBenchEntry.Of),
        new("parquet", "evaluations.parquet: every evaluation of every trial.", EvaluationsParquet.Of),
    ];

    /// <summary>Those of a list with commas.</summary>
    /// <exception cref="ConfigurationException">One does not exist.</exception>
    public static IReadOnlyList<ExportFormat> Parse(string list)
    {
        var names = list.Split(',', StringSplitOptions.TrimEntries);
        return [.. names.Distinct(StringComparer.Ordinal).Select(Named)];
    }

    private static ExportFormat Named(string name) =>
        Shipped.FirstOrDefault(format => format.Name == name)
        ?? throw new ConfigurationException(
            $"--export: unknown format '{name}'; {NearNames.Allowed(name, Shipped.Select(format => format.Name))}"
        );
}
