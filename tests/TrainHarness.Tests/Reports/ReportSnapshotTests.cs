using System.Text.RegularExpressions;
using System.Xml.Linq;
using TrainHarness.Analysis;
using TrainHarness.Protocol;
using TrainHarness.Published;
using TrainHarness.Reports;
using TrainHarness.Reports.Charts;
using TrainHarness.Reports.Figures;
using TrainHarness.Reports.Wording;
using TrainHarness.Results;

namespace TrainHarness.Tests.Reports;

public sealed partial class ReportSnapshotTests
{
    public static TheoryData<string> Studies => [.. SampleReports.All.Keys];

    // One is kept as a whole page; of the others each section is a file of its own, so that a change of one shows as that.
    private const string Whole = "several-entries";

    [Theory]
    [MemberData(nameof(Studies))]
    public void A_report_on_GitHub_reads_as_before(string study) =>
        SameInEveryCulture(study, "report.md", MarkdownSection(), () => Markdown(SampleReports.All[study]()));

    [Theory]
    [MemberData(nameof(Studies))]
    public void Efficiency_csv_reads_as_before(string study) =>
        SameInEveryCulture($"{study}.efficiency.csv", () =>
            EfficiencyCsv.Of(
                SampleReports.All[study]().Analysed.Summary,
                new Dictionary<string, string> { ["network1.sgd-smooth6"] = "arXiv:1512.03385" }
            )
        );

    [Theory]
    [MemberData(nameof(Studies))]
    public void The_text_of_a_page_reads_as_before(string study) =>
        SameInEveryCulture(study, "report.html", PageSection(), () => WithoutDrawings(Html(SampleReports.All[study]())));

    [Fact]
    public void The_report_of_a_scan_reads_as_before()
    {
        var study = Samples.Study with
        {
            Scan = new ScanRule
            {
                LearningRates = [0.01, 0.02, 0.04],
                Epochs = 2,
                TrainFraction = 0.5,
            },
        };
        var scan = LearningRateScan.Of(study);
        // The rates of the first entry end ever higher, those of the second ever lower, and the third has still to run.
        var results = scan
            .AllEntries.Index()
            .ToDictionary(
                pair => pair.Item.Name,
                pair =>
                    (IReadOnlyList<TrialResult>)(
                        pair.Index < 6
                            ?
                            [
                                Samples.Trial(
                                    scan,
                                    pair.Item,
                                    1,
                                    1_000_000,
                                    new(2012, 6, 1),
                                    null,
                                    0.1,
                                    pair.Index < 3 ? 0.2 + (0.1 * pair.Index) : 0.9 - (0.1 * pair.Index)
                                ),
                            ]
                            : []
                    )
            );
        SameInEveryCulture("scan.report.md", () => new ScanReport(scan, ScanSummary.Of(scan, results), results).Markdown());
    }

    [Fact]
    public void A_drawn_figure_says_the_same_in_every_culture()
    {
        var chart = SampleReports.All["several-entries"]().Charts()[0];
        Assert.Equal(new Figure(chart).ToSvg(), Snapshot.InGermanCulture(() => new Figure(chart).ToSvg()));
    }

    [Fact]
    public void A_drawn_figure_holds_outlines_of_letters_and_asks_for_no_font()
    {
        foreach (var chart in SampleReports.All["several-entries"]().Charts())
        {
            var svg = XDocument.Parse(new Figure(chart).ToSvg());
            Assert.DoesNotContain(svg.Descendants(), element => element.Name.LocalName is "text" or "style" or "font-face");
            Assert.DoesNotContain(svg.Descendants().Attributes(), attribute =>
                attribute.Name.LocalName.StartsWith("font", StringComparison.Ordinal)
            );
            // Every letter of the title stands in it.
            var letters = svg.Descendants()
                .Where(element => element.Name.LocalName == "path")
                .Attributes("id")
                .Select(id => id.Value)
                .ToHashSet();
            Assert.All(chart.Title.Where(letter => !char.IsWhiteSpace(letter)), letter =>
                Assert.Contains($"glyph-{(int)letter:x}", letters)
            );
        }
    }

    [Fact]
    public void Each_dashed_line_of_a_chart_is_dashed_in_its_drawing_and_no_other_line_is()
    {
        foreach (var chart in SampleReports.All["several-entries"]().Charts())
        {
            var dashed = XDocument
                .Parse(new Figure(chart).ToSvg())
                .Descendants()
                .Attributes("stroke-dasharray")
                .Select(dashes => dashes.Parent!.Attribute("stroke")!.Value.ToLowerInvariant())
                .Distinct();
            var asked = chart.Series.Where(series => series.Mark == Mark.Dashes && series.Points.Count > 1);
            Assert.Equal(asked.Select(series => Palette.Colour(series.Colour)).Distinct().Order(), dashed.Order());
        }
    }

    [Fact]
    public void The_published_ledger_reads_the_same_in_every_culture()
    {
        static string Rows() =>
            string.Join(
                '\n',
                PublishedLedger.Levels.SelectMany(
                    level => level.Rows,
                    (level, row) =>
                        $"{level.Name} {row.System} {Shown.Date(row.Published)} {Shown.Number(row.Compute, "G4")} "
                        + $"{Shown.Times(row.RecomputedFactor)}"
                )
            );
        SameInEveryCulture("published.txt", Rows);
    }

    private static void SameInEveryCulture(string study, string file, Regex section, Func<string> write)
    {
        if (study == Whole)
        {
            SameInEveryCulture($"{study}.{file}", write);
            return;
        }

        var sections = Sections(write(), section);
        Assert.Equal(sections, Snapshot.InGermanCulture(() => Sections(write(), section)));
        var extension = Path.GetExtension(file);
        Snapshot.MatchAll(study, extension, sections.ToDictionary(one => one.Key + extension, one => one.Value));
    }

    /// <summary>The parts of a report, by their names; what stands before the first section is 'head'.</summary>
    private static Dictionary<string, string> Sections(string report, Regex section)
    {
        var sections = new Dictionary<string, string>();
        var (name, from) = ("head", 0);
        foreach (Match match in section.Matches(report))
        {
            sections.Add(name, report[from..match.Index]);
            (name, from) = (match.Groups["name"].Value.ToLowerInvariant().Replace(' ', '-'), match.Index);
        }

        sections.Add(name, report[from..]);
        return sections;
    }

    [GeneratedRegex("^## (?<name>.+)$", RegexOptions.Multiline)]
    private static partial Regex MarkdownSection();

    [GeneratedRegex("^<section [^>]*aria-labelledby=\"(?<name>[^\"]+)\"", RegexOptions.Multiline)]
    private static partial Regex PageSection();

    private static void SameInEveryCulture(string name, Func<string> write)
    {
        Snapshot.Matches(name, write());
        Snapshot.Matches(name, Snapshot.InGermanCulture(write));
    }

    private static string Markdown(StudyReport report) => report.Markdown();

    private static string Html(StudyReport report) => report.Html([.. report.Charts().Select(chart => DrawnChart.Of(chart))]);

    /// <summary>Drawings hold coordinates that may differ in the last digit; scripts and the style are files of their own.</summary>
    private static string WithoutDrawings(string html) => Drawing().Replace(html, "<$1/>");

    [GeneratedRegex("<(svg|script|style)\\b.*?</\\1>", RegexOptions.Singleline)]
    private static partial Regex Drawing();
}
