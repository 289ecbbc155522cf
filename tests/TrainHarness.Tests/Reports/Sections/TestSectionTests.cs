using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Reports;
using TrainHarness.Results;

namespace TrainHarness.Tests.Reports.Sections;

public sealed class TestSectionTests
{
    [Fact]
    public void A_tested_trial_is_shown_with_its_value_its_signature_and_some_lines_and_nothing_of_it_where_none_was()
    {
        var study = Samples.Study with { Seeds = [1], Entries = [] };
        var trial = Samples.Trial(study, study.Baseline, 1, 100, new(2012, 6, 1), 0.5, 0.1, 0.3, 0.6);
        var metric = new Metric
        {
            Name = "bleu",
            Better = Better.More,
            Unit = MetricUnit.Points,
            Min = 0,
            Max = 100,
            Signature = "nrefs:1|beam:5",
        };
        var test = new TestRecord(7, metric, 41.02, new Macs(123_456_789), ["one line", "a second", "a third", "a fourth"]);
        var tested = Report(trial with { Record = trial.Record with { Test = test } });
        var markdown = tested.Markdown();
        Assert.Contains("## On the test examples", markdown, StringComparison.Ordinal);
        Assert.Contains($"| {trial.Record.Id} | bleu, nrefs:1\\|beam:5 | 41.0 | 7 | 123.5 M |", markdown, StringComparison.Ordinal);
        Assert.Contains("a third", markdown, StringComparison.Ordinal);
        Assert.DoesNotContain("a fourth", markdown, StringComparison.Ordinal);
        Assert.Contains("a third", tested.Html([]), StringComparison.Ordinal);
        Assert.DoesNotContain("On the test examples", Report(trial).Markdown(), StringComparison.Ordinal);

        StudyReport Report(TrialResult one) =>
            SampleReports.Of(study, new Dictionary<string, IReadOnlyList<TrialResult>> { [study.Baseline.Name] = [one] });
    }
}
