using TrainHarness.Reports.Sections;
using TrainHarness.Reports.Tables;

namespace TrainHarness.Tests.Reports.Sections;

public sealed class LevelSectionTests
{
    // The synthetic study has a baseline and as many entries besides as are asked for.
    [Theory]
    [InlineData(6, new[] { 6 }, null)]
    [InlineData(7, new[] { 4, 3 }, null)]
    [InlineData(18, new[] { 6, 6, 6 }, null)]
    [InlineData(19, new[] { 6, 6, 6 }, "1 entry with a smaller factor is not shown.")]
    [InlineData(20, new[] { 6, 6, 6 }, "2 entries with smaller factors are not shown.")]
    public void Entries_stand_in_one_of_three_tables_each_and_how_many_do_not_is_said(int entries, int[] columns, string? note)
    {
        var summary = SampleReports.Of(new SyntheticStudy(entries + 1, 2, 20)).Analysed.Summary;
        List<ReportTable> tables = [.. LevelSection.Parts(summary)!.Select(part => part.Table).OfType<ReportTable>()];
        var levels = tables.FindAll(table => table.Name.StartsWith("factor-by-level", StringComparison.Ordinal));
        var shown = levels
            .Select(table =>
                table.Columns.Select(column => column.Header).Where(header => summary.Entries.Any(entry => entry.Entry == header)).ToList()
            )
            .ToList();
        Assert.Equal(columns, shown.Select(headers => headers.Count));
        Assert.Equal(shown.Sum(headers => headers.Count), shown.SelectMany(headers => headers).Distinct().Count());
        Assert.Equal(levels.Count, levels.Select(table => table.Name).Distinct().Count());
        Assert.All(levels, table => Assert.All(table.Rows, row => Assert.Equal(table.Columns.Count, row.Count)));
        Assert.Equal(note, levels[^1].Note);
        Assert.Equal(
            levels.Select((_, table) => table == 0),
            levels.Select(table => table.Columns.Any(column => column.Header == "doubling time"))
        );
    }
}
