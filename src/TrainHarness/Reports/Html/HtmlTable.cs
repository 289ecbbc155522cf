using System.Globalization;
using System.Text;
using TrainHarness.Reports.Tables;

namespace TrainHarness.Reports.Html;

/// <summary>A table of a page: a caption, header cells with a scope, and headers that sort by mouse and by keyboard.</summary>
internal static class HtmlTable
{
    public static string Of(ReportTable table, bool isSortable)
    {
        var text = new StringBuilder();
        // The frame scrolls where the page is narrow, so it takes the focus.
        text.Append(
            CultureInfo.InvariantCulture,
            $"<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"caption-{table.Name}\">\n"
        );
        text.Append(
            CultureInfo.InvariantCulture,
            $"<table id=\"table-{table.Name}\"{(isSortable ? " class=\"sortable\"" : "")}>\n<caption "
                + $"id=\"caption-{table.Name}\">{HtmlText.Escaped(table.Caption)}</caption>\n<thead><tr>"
        );
        foreach (var column in table.Columns)
            text.Append(Header(column, isSortable));
        text.Append("</tr></thead>\n<tbody>\n");
        foreach (var row in table.Rows)
        {
            text.Append("<tr>");
            foreach (var (index, cell) in row.Index())
                text.Append(
                    index == 0
                        ? $"<th scope=\"row\"{Attributes(table.Columns[0], cell)}>{HtmlText.Escaped(cell.Text)}</th>"
                        : $"<td{Attributes(table.Columns[index], cell)}>{HtmlText.Escaped(cell.Text)}</td>"
                );
            text.Append("</tr>\n");
        }

        text.Append("</tbody>\n</table>\n</div>\n");
        if (table.Note is { } note)
            text.Append(CultureInfo.InvariantCulture, $"<p class=\"note\">{HtmlText.Escaped(note)}</p>\n");
        return text.ToString();
    }

    private static string Header(Column column, bool isSortable)
    {
        var (kind, name) = (column.IsNumber ? " class=\"number\"" : "", HtmlText.Escaped(column.Header));
        return isSortable
            ? $"<th scope=\"col\" aria-sort=\"none\"{kind}><button type=\"button\">{name}</button></th>"
            : $"<th scope=\"col\"{kind}>{name}</th>";
    }

    private static string Attributes(Column column, Cell cell)
    {
        var kind = column.IsNumber ? " class=\"number\"" : "";
        return cell.Value is { } value ? string.Create(CultureInfo.InvariantCulture, $"{kind} data-value=\"{value:R}\"") : kind;
    }
}
