using System.Text.RegularExpressions;
using TrainHarness.Analysis;
using TrainHarness.Reports;
using TrainHarness.Reports.Charts;
using TrainHarness.Reports.Figures;
using TrainHarness.Reports.Sections;
using TrainHarness.Reports.Tables;
using TrainHarness.Results;

namespace TrainHarness.Tests.Reports.Sections;

/// <summary>A section of a report is one entry of a list.</summary>
public sealed partial class AddedSectionTests
{
    private static readonly SectionEntry Divergence = new("divergence", "What diverged", analysed =>
        Diverged(analysed) is { Count: > 0 } diverged
            ?
            [
                ReportPart.Of("Trials that were not finite."),
                ReportPart.Of(
                    new ReportTable(
                        "diverged",
                        "Trials that diverged",
                        [new("trial", IsNumber: false)],
                        [.. diverged.Select(id => (IReadOnlyList<Cell>)[id])]
                    )
                ),
                ReportPart.Of(["a first line", "a second"]),
                .. ReportPart.Drawn(Chart("divergence"), null),
            ]
            : null
    )
    {
        Figures = _ => ["divergence"],
    };

    [Fact]
    public void It_stands_in_both_reports_with_its_text_its_table_its_list_and_its_chart()
    {
        var report = Made(Outcome.Diverged);
        var markdown = report.Markdown();
        Assert.EndsWith(
            "## What diverged\n\nTrials that were not finite.\n\n| trial |\n|---|\n| alexnet.sgd-step6/seed-1 |\n\n- a first line\n- a "
                + "second\n\n"
                + "![Losses](figures/divergence.svg)\n\nOne point.\n",
            markdown,
            StringComparison.Ordinal
        );
        var page = report.Html([.. report.Charts().Select(DrawnChart.Of)]);
        var section = page[
            page.IndexOf("<section aria-labelledby=\"divergence\">", StringComparison.Ordinal)..page.IndexOf(
                "</main>",
                StringComparison.Ordinal
            )
        ];
        // What is beside the figure comes after it.
        var places = Part().Matches(section).Select(match => match.Value);
        Assert.Equal(["<h2 ", "<figure ", "</figure>", "<p>Trials that", "<table id=\"table-diverged\"", "<ul>"], places);
        Assert.Contains("<li>a second</li>", section, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_it_does_not_apply_nothing_stands()
    {
        var report = Made(Outcome.Reached);
        Assert.DoesNotContain("What diverged", report.Markdown(), StringComparison.Ordinal);
        Assert.DoesNotContain("What diverged", report.Html([]), StringComparison.Ordinal);
    }

    [Fact]
    public void Its_chart_is_a_file_that_goes_when_it_is_no_longer_drawn()
    {
        var folder = Directory.CreateTempSubdirectory("trainharness-section-").FullName;
        try
        {
            var figure = Path.Combine(folder, "figures", "divergence.svg");
            Made(Outcome.Diverged).Write(new ResultStore(folder));
            Assert.True(File.Exists(figure));
            Made(Outcome.Reached).Write(new ResultStore(folder));
            Assert.False(File.Exists(figure));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_chart_whose_name_it_does_not_say_is_refused()
    {
        var study = Made(Outcome.Reached);
        var report = study with { Entries = [new SectionEntry("odd", "Odd", _ => [.. ReportPart.Drawn(Chart("unnamed"))])] };
        Assert.Contains(
            "The section 'odd' draws 'unnamed'",
            Assert.Throws<InvalidOperationException>(report.Markdown).Message,
            StringComparison.Ordinal
        );
    }

    private static List<string> Diverged(AnalysedStudy analysed) =>
        [.. analysed.Trials().Where(trial => trial.Record.Outcome == Outcome.Diverged).Select(trial => trial.Record.Id)];

    private static Chart Chart(string name) =>
        new(
            name,
            "Losses",
            "One point.",
            new Axis("step", Scale.Linear),
            new Axis("loss", Scale.Linear),
            [new Series("loss", "loss", Mark.Points, 0, [new(1, 2)])]
        );

    private static StudyReport Made(Outcome outcome)
    {
        var study = Samples.Study with { Seeds = [1], Entries = [] };
        var trial = Samples.Trial(study, study.Baseline, 1, 100, new(2012, 6, 1), 0.5, 0.1, 0.3, 0.6);
        var results = new Dictionary<string, IReadOnlyList<TrialResult>>
        {
            [study.Baseline.Name] = [trial with { Record = trial.Record with { Outcome = outcome } }],
        };
        return SampleReports.Of(study, results) with { Entries = [.. ReportSections.Shipped, Divergence] };
    }

    [GeneratedRegex("<h2 |</?figure[ >]|<p>Trials that|<table id=\"table-diverged\"|<ul>")]
    private static partial Regex Part();
}
