using System.Text.Json;
using System.Text.Json.Serialization;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Analysis;

/// <summary>
/// What a trial is charged for. One entry of <see cref="Shipped"/> is all that a measure needs: reports, CSV and JSON go through the list.
/// </summary>
[JsonConverter(typeof(CostMeasureConverter))]
public sealed record CostMeasure
{
    /// <summary>In JSON and in the columns of efficiency.csv; in camelCase.</summary>
    public required string Name { get; init; }

    /// <summary>In sentences.</summary>
    public required string Title { get; init; }

    /// <summary>Heads its column of factors.</summary>
    public string Heading
    {
        get => field ?? Title;
        init;
    }

    /// <summary>Heads its column of costs, with the unit.</summary>
    public string CostHeading
    {
        get => field ?? Title;
        init;
    }

    public required AmountFormat Format { get; init; }

    /// <summary>What had been spent at an evaluation; null where that is not known.</summary>
    public required Func<Evaluation, TrialRecord, PriceList, Amount?> SpentAt { get; init; }

    /// <summary>Why it cannot be known of a trial, in a few words; null where it can.</summary>
    public Func<TrialRecord, PriceList, string?> WhyUnknown { get; init; } = (_, _) => null;

    /// <summary>What counted it, where that differs: amounts of two meters are not divided by each other. Null where it does not.</summary>
    public Func<TrialRecord, string?>? Meter { get; init; }

    /// <summary>What a trial takes of a device that it shares with others is not told apart.</summary>
    public bool NeedsOwnDevice { get; init; }

    /// <summary>It tells of the machine as much as of the network.</summary>
    public bool NeedsOneMachine { get; init; }

    /// <summary>The chart of every trial against it; null for none.</summary>
    public MeasureCurve? Curve { get; init; }

    /// <summary>Its columns of efficiency.csv, besides those that the file has for every entry.</summary>
    public MeasureColumns Columns { get; init; } = MeasureColumns.Both;

    /// <summary>What a reader of its numbers must know, in sentences.</summary>
    public Func<StudySummary, IEnumerable<string>> Notes { get; init; } = _ => [];

    /// <summary>FLOPs by <see cref="Convention.Exact"/>.</summary>
    public static CostMeasure ExactFlops { get; } =
        new()
        {
            Name = "exactFlops",
            Title = "exact compute",
            CostHeading = "FLOPs, exact",
            Format = AmountFormat.Prefixed,
            SpentAt = (evaluation, _, _) => Amount.Of(Flops.Training(evaluation.Ledger, Convention.Exact).Count),
            Curve = new("compute", "training compute", "training multiply-adds")
            {
                Spent = evaluation => evaluation.Ledger.Training.ToDouble(),
            },
            Columns = MeasureColumns.None,
        };

    /// <summary>FLOPs by <see cref="Convention.Paper"/>.</summary>
    public static CostMeasure PaperFlops { get; } =
        new()
        {
            Name = "paperFlops",
            Title = "the paper's compute",
            Heading = "paper's compute",
            CostHeading = "FLOPs, paper",
            Format = AmountFormat.Prefixed,
            SpentAt = (evaluation, _, _) => Amount.Of(Flops.Training(evaluation.Ledger, Convention.Paper).Count),
            Columns = MeasureColumns.None,
        };

    /// <summary>Training time.</summary>
    public static CostMeasure Seconds { get; } =
        new()
        {
            Name = "seconds",
            Title = "time",
            Format = AmountFormat.Duration,
            SpentAt = (evaluation, record, _) => record.Clocks.IsItsOwn ? new Amount(evaluation.Seconds) : null,
            NeedsOwnDevice = true,
            NeedsOneMachine = true,
            Curve = new("time", "training time", "training time"),
            Columns = MeasureColumns.Factor,
        };

    /// <summary>Energy of training, as its meter counts it.</summary>
    public static CostMeasure Joules { get; } =
        new()
        {
            Name = "joules",
            Title = "energy",
            CostHeading = "energy (J)",
            Format = AmountFormat.Prefixed,
            SpentAt = (evaluation, _, _) => evaluation.Joules is { } joules ? new Amount(joules) : null,
            Meter = record => record.EnergyMeter,
            NeedsOwnDevice = true,
            NeedsOneMachine = true,
            Curve = new("energy", "energy", "energy of the device (J)"),
            Notes = summary => summary.EnergyMeters.Select(meter => $"Energy by {meter}."),
        };

    /// <summary>Training time at the price of the device, which holds the machine: dollars of two machines compare.</summary>
    public static CostMeasure Dollars { get; } =
        new()
        {
            Name = "dollars",
            Title = "dollars",
            Format = AmountFormat.Digits,
            SpentAt = (evaluation, record, prices) =>
                record.Clocks.IsItsOwn && prices.Find(record.Environment.DeviceName) is { } price
                    ? new Amount(evaluation.Seconds / 3600 * price.DollarsPerHour)
                    : null,
            WhyUnknown = (record, prices) =>
                prices.Find(record.Environment.DeviceName) is null
                    ? $"no price for {record.Environment.DeviceName ?? "an unknown device"}"
                    : null,
            NeedsOwnDevice = true,
            Notes = summary =>
                summary.Prices.Select(price =>
                    FormattableString.Invariant(
                        $"Dollars at {price.DollarsPerHour:G6} an hour of {price.Device} ({price.Source}, {price.Date:yyyy-MM-dd})."
                    )
                ),
        };

    /// <summary>Training examples seen.</summary>
    public static CostMeasure Examples { get; } =
        new()
        {
            Name = "examples",
            Title = "examples",
            Format = AmountFormat.Whole,
            SpentAt = (evaluation, _, _) => Amount.Of((UInt128)evaluation.Examples),
            Columns = MeasureColumns.Cost,
        };

    /// <summary>All, in the order of reports.</summary>
    public static IReadOnlyList<CostMeasure> Shipped { get; } = [ExactFlops, PaperFlops, Seconds, Joules, Dollars, Examples];
}

/// <summary>The metric of every trial against a measure.</summary>
/// <param name="Name">Names the chart's files: small letters and '-'.</param>
/// <param name="Title">What the metric stands against.</param>
/// <param name="Axis">What is measured, with its unit.</param>
public sealed record MeasureCurve(string Name, string Title, string Axis)
{
    /// <summary>What the axis shows; null for what the measure charges.</summary>
    public Func<Evaluation, double>? Spent { get; init; }
}

/// <summary>How amounts of a measure are written for people.</summary>
public enum AmountFormat
{
    /// <summary>Four digits and a decimal prefix: <c>992 G</c>.</summary>
    Prefixed,

    /// <summary>Seconds as h:mm:ss.</summary>
    Duration,

    /// <summary>Three significant digits.</summary>
    Digits,

    /// <summary>The nearest whole number.</summary>
    Whole,
}

/// <summary>Columns of efficiency.csv: <c>…ToTarget</c>, <c>…Factor</c>.</summary>
[Flags]
public enum MeasureColumns
{
    None = 0,
    Cost = 1,
    Factor = 2,
    Both = Cost | Factor,
}

/// <summary>Writes the name.</summary>
internal sealed class CostMeasureConverter : JsonConverter<CostMeasure>
{
    public override CostMeasure Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var name = reader.GetString();
        return CostMeasure.Shipped.FirstOrDefault(measure => measure.Name == name)
            ?? throw new JsonException($"'{name}' is no measure of cost.");
    }

    public override void Write(Utf8JsonWriter writer, CostMeasure value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Name);
}
