namespace TrainHarness.Reports.Tables;

/// <summary>A part of a report under its own heading; report.md and report.html write the same one.</summary>
/// <param name="Name">Names it inside a page: small letters and '-'.</param>
public sealed record ReportSection(string Name, string Title, IReadOnlyList<ReportPart> Parts);

/// <summary>A paragraph, a table or a list: one of them is there.</summary>
public sealed record ReportPart(string? Paragraph, ReportTable? Table, IReadOnlyList<string>? List)
{
    public static ReportPart Of(string paragraph) => new(paragraph, null, null);

    public static ReportPart Of(ReportTable table) => new(null, table, null);

    public static ReportPart Of(IReadOnlyList<string> list) => new(null, null, list);
}
