namespace TrainHarness.Reports.Tables;

/// <summary>A table of a report as plain text; report.md and report.html write the same one.</summary>
/// <param name="Name">Names it inside a page: small letters and '-'.</param>
/// <param name="Note">What was left out; null where nothing was.</param>
public sealed record ReportTable(
    string Name,
    string Caption,
    IReadOnlyList<Column> Columns,
    IReadOnlyList<IReadOnlyList<Cell>> Rows,
    string? Note = null
)
{
    /// <summary>Where all rows lie when a report shows the first ones only.</summary>
    public string AllIn { get; init; } = "efficiency.csv";

    /// <summary>As many rows as a page of it can hold.</summary>
    public int PageRows { get; init; } = 2000;

    /// <summary>The first rows, with a note on the others.</summary>
    public ReportTable First(int count) =>
        Rows.Count <= count
            ? this
            : this with
            {
                Rows = [.. Rows.Take(count)],
                Note = FormattableString.Invariant($"The first {count} of {Rows.Count} rows; {AllIn} has all."),
            };
}

/// <param name="IsNumber">Stands at the right, and is sorted by value.</param>
public sealed record Column(string Header, bool IsNumber = true);

/// <param name="Value">What it is sorted by; null sorts by the text, or last in a column of numbers.</param>
public readonly record struct Cell(string Text, double? Value = null)
{
    public static implicit operator Cell(string text) => FromString(text);

    public static Cell FromString(string text) => new(text);
}
