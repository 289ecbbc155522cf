using System.Text;

namespace TrainHarness.Reports.Tables;

/// <summary>Tables in GitHub's Markdown.</summary>
internal static class MarkdownTable
{
    public static string Of(ReportTable table)
    {
        var text = new StringBuilder();
        Row(text, table.Columns.Select(column => column.Header));
        text.Append('|').AppendJoin('|', table.Columns.Select(column => column.IsNumber ? "---:" : "---")).Append("|\n");
        foreach (var row in table.Rows)
            Row(text, row.Select(cell => cell.Text));
        if (table.Note is { } note)
            text.Append('\n').Append(note).Append('\n');
        return text.ToString();
    }

    private static void Row(StringBuilder text, IEnumerable<string> cells) =>
        text.Append("| ").AppendJoin(" | ", cells.Select(Escaped)).Append(" |\n");

    private static string Escaped(string cell) => cell.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
