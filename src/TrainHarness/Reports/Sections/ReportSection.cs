using TrainHarness.Reports.Charts;
using TrainHarness.Reports.Tables;

namespace TrainHarness.Reports.Sections;

/// <summary>A part of a report under its own heading; report.md and report.html write the same one.</summary>
/// <param name="Name">Names it inside a page: small letters and '-'.</param>
/// <param name="Parts">In the order of report.md; a page shows the charts before the rest.</param>
public sealed record ReportSection(string Name, string Title, IReadOnlyList<ReportPart> Parts)
{
    public IEnumerable<Chart> Charts => Parts.Select(part => part.Chart).OfType<Chart>();
}

/// <summary>A paragraph, a table, a list or a chart: one of them is there.</summary>
public sealed record ReportPart
{
    public string? Paragraph { get; private init; }

    public ReportTable? Table { get; private init; }

    public IReadOnlyList<string>? List { get; private init; }

    public Chart? Chart { get; private init; }

    /// <summary>The table stands among others, so that report.md too needs its caption.</summary>
    public bool IsCaptioned { get; private init; }

    /// <summary>
    /// What a page shows instead of the table until it is opened, which then has all rows; null for a table that is always open.
    /// </summary>
    public string? FoldedUnder { get; private init; }

    public static ReportPart Of(string paragraph) => new() { Paragraph = paragraph };

    public static ReportPart Of(ReportTable table) => new() { Table = table };

    public static ReportPart Captioned(ReportTable table) => new() { Table = table, IsCaptioned = true };

    /// <inheritdoc cref="FoldedUnder"/>
    public static ReportPart Folded(ReportTable table, string under) =>
        new()
        {
            Table = table,
            IsCaptioned = true,
            FoldedUnder = under,
        };

    public static ReportPart Of(IReadOnlyList<string> list) => new() { List = list };

    /// <summary>Those that the records can fill.</summary>
    public static IEnumerable<ReportPart> Drawn(params IEnumerable<Chart?> charts) =>
        charts.OfType<Chart>().Select(chart => new ReportPart { Chart = chart });
}
