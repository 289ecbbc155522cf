using System.Text;
using TrainHarness.Reports.Figures;
using TrainHarness.Reports.Notices;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Tests.Reports;

/// <summary>What others made and this program passes on goes with their names and their licences.</summary>
public sealed class NoticeTests
{
    [Fact]
    public void The_notice_of_plotly_js_is_that_of_the_embedded_version_and_holds_the_licence()
    {
        var banner = EmbeddedFile.Text("plotly.min.js")[..400];
        Assert.Contains("plotly.js v2.28.0", banner, StringComparison.Ordinal);
        Assert.Contains("Copyright 2012-2024, Plotly, Inc.", banner, StringComparison.Ordinal);
        Assert.StartsWith(
            "plotly.js 2.28.0: Copyright 2012-2024 Plotly, Inc.; MIT License; ",
            Notice.Plotly.Line,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "The above copyright notice and this permission notice shall be included in",
            Notice.Plotly.Text,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_notice_of_the_font_is_what_the_font_says_of_itself_and_holds_the_licence()
    {
        var names = Encoding.BigEndianUnicode.GetString(FigureFont.Typeface.GetTableData(NameTable));
        // OpenType names 0, 5 and 13, as the font holds them.
        foreach (
            var said in (string[])
                ["Copyright 2020 The Inter Project Authors", "Version 3.019", "licensed under the SIL Open Font License, Version 1.1"]
        )
            Assert.Contains(said, names, StringComparison.Ordinal);
        Assert.StartsWith(
            "Inter 3.019: Copyright 2020 The Inter Project Authors; SIL Open Font License 1.1; ",
            Notice.Inter.Line,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "provided that each copy contains the above copyright notice and this license",
            Notice.Inter.Text.ReplaceLineEndings(" "),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("Inter.txt")]
    [InlineData("plotly.js.txt")]
    public void The_notices_lie_beside_the_program(string name) =>
        Assert.True(File.Exists(Path.Combine(AppContext.BaseDirectory, "notices", name)));

    [Fact]
    public void A_page_names_what_it_holds_of_others_and_one_without_charts_names_nothing()
    {
        var (page, empty) = (Page("several-entries"), Page("nothing-yet"));
        Assert.Contains(Notice.Plotly.Text, page, StringComparison.Ordinal);
        Assert.Contains("drawn by " + Notice.Plotly.Line, page, StringComparison.Ordinal);
        Assert.Contains("outlines of " + Notice.Inter.Line, page, StringComparison.Ordinal);
        Assert.DoesNotContain("License", empty, StringComparison.Ordinal);
    }

    private const uint NameTable = 0x6E616D65;

    private static string Page(string study)
    {
        var report = SampleReports.All[study]();
        return report.Html([.. report.Charts().Select(chart => DrawnChart.Of(chart))]);
    }
}
