using System.Globalization;
using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Reports.Tables;

/// <summary>The factors in other measures of cost, and the costs themselves.</summary>
internal static class MeasureSection
{
    private static readonly CostMeasure[] Others = [CostMeasure.PaperFlops, CostMeasure.Seconds, CostMeasure.Joules, CostMeasure.Dollars, CostMeasure.Examples];

    /// <summary>Null where no entry has a factor.</summary>
    public static ReportSection? Of(StudySummary summary)
    {
        var rows = summary.Entries.Where(entry => entry.Measures.Any(measure => measure.Factor is not null)).ToList();
        if (!rows.Exists(entry => entry.Entry != summary.Baseline))
            return null;
        var unknown = rows.SelectMany(entry => entry.Measures).Where(measure => measure.Unknown is not null)
            .Select(measure => $"{Word(measure.Measure)}: {measure.Unknown}").Distinct().ToList();
        return new ReportSection("measures", "In other measures", [
            ReportPart.Of($"What {summary.Baseline} spent to the target ÷ what an entry spent. Exact compute splits into epochs × multiply-adds of an example, and every other measure into the same epochs × its own cost of an example; inference is the forward pass alone, of entries that reached the target with every trial."),
            ReportPart.Of(Factors([.. rows.Where(entry => entry.Entry != summary.Baseline)])),
            ReportPart.Of(Costs(rows)),
            .. unknown.Count > 0 ? (ReportPart[])[ReportPart.Of($"Not known: {string.Join("; ", unknown)}.")] : [],
            .. summary.EnergyMeters.Select(meter => ReportPart.Of($"Energy by {meter}.")),
            .. summary.Prices.Select(price => ReportPart.Of(string.Create(CultureInfo.InvariantCulture, $"Dollars at {price.DollarsPerHour:G6} an hour of {price.Device} ({price.Source}, {price.Date:yyyy-MM-dd}).")))]);
    }

    private static ReportTable Factors(IReadOnlyList<EntrySummary> rows) => new(
        "measured-factors",
        "Reduction factors by what is charged",
        [new("entry", IsNumber: false), new("exact compute"), new("= epochs"), new("× per example"), new("paper's compute"), new("time"), new("energy"), new("dollars"), new("examples"), new("inference")],
        [.. rows.Select(FactorRow)]);

    private static IReadOnlyList<Cell> FactorRow(EntrySummary entry)
    {
        var exact = Measure(entry, CostMeasure.ExactFlops);
        return
        [
            entry.Entry,
            FactorCell.Of(exact.Factor),
            FactorCell.Of(exact.ExamplesFactor),
            FactorCell.Of(exact.PerExampleFactor),
            .. Others.Select(measure => FactorCell.Of(Measure(entry, measure).Factor)),
            FactorCell.Of(entry.InferenceFactor),
        ];
    }

    private static ReportTable Costs(IReadOnlyList<EntrySummary> rows) => new(
        "costs",
        "Cost to target, geometric mean over seeds",
        [new("entry", IsNumber: false), new("FLOPs, exact"), new("FLOPs, paper"), new("time"), new("energy (J)"), new("dollars"), new("examples"), new("inference multiply-adds per example")],
        [.. rows.Select(CostRow)]);

    private static IReadOnlyList<Cell> CostRow(EntrySummary entry) =>
    [
        entry.Entry,
        Amount(Measure(entry, CostMeasure.ExactFlops).Cost),
        Amount(Measure(entry, CostMeasure.PaperFlops).Cost),
        new(Shown.Duration(Measure(entry, CostMeasure.Seconds).Cost), Measure(entry, CostMeasure.Seconds).Cost),
        Amount(Measure(entry, CostMeasure.Joules).Cost),
        new(Dollars(Measure(entry, CostMeasure.Dollars).Cost), Measure(entry, CostMeasure.Dollars).Cost),
        new(Shown.Number(Measure(entry, CostMeasure.Examples).Cost, "0"), Measure(entry, CostMeasure.Examples).Cost),
        new(Shown.Macs(entry.InferenceMacs), entry.InferenceMacs?.ToDouble()),
    ];

    private static string Dollars(double? cost) => cost is { } value ? SignificantDigits.Of(value) : Shown.Unknown;

    private static Cell Amount(double? amount) => amount is { } value ? new Cell(Charts.AxisRange.Text(Charts.Scale.Log, value), value) : Shown.Unknown;

    private static MeasuredFactor Measure(EntrySummary entry, CostMeasure measure) => entry.Measures.First(measured => measured.Measure == measure);

    private static string Word(CostMeasure measure) => measure switch
    {
        CostMeasure.ExactFlops => "exact compute",
        CostMeasure.PaperFlops => "the paper's compute",
        CostMeasure.Seconds => "time",
        CostMeasure.Joules => "energy",
        CostMeasure.Dollars => "dollars",
        CostMeasure.Examples => "examples",
        _ => throw new ArgumentOutOfRangeException(nameof(measure), measure, null),
    };
}
