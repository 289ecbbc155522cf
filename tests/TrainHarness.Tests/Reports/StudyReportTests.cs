using TrainHarness.Analysis;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Reports;
using TrainHarness.Reports.Sections;
using TrainHarness.Reports.Wording;
using TrainHarness.Results;

namespace TrainHarness.Tests.Reports;

public sealed class StudyReportTests
{
    private static readonly DateOnly Old = new(2012, 6, 1);
    private static readonly DateOnly New = new(2015, 12, 10);
    private static readonly Study Study = Samples.Study with { Target = new Target(Samples.Top1, 0.5, FromBaseline: true) };

    [Fact]
    public void The_factor_of_a_hand_made_study_is_as_worked_out_by_hand()
    {
        var summary = Summary(
            // 3 · 100 multiply-adds an example; the stepped baseline crosses at 8000 examples, the smoothed one at 6000.
            stepped: [0.1, 0.2, 0.3, 0.35, 0.4, 0.42, 0.44, 0.5],
            smoothed: [0.1, 0.2, 0.3, 0.4, 0.45, 0.5, 0.5, 0.5],
            // 3 · 20 an example, crossing at 6000 examples.
            resnet: [0.1, 0.2, 0.3, 0.35, 0.4, 0.55, 0.6, 0.6]
        );
        Assert.Equal("alexnet.sgd-smooth6", summary.Baseline);
        Assert.Equal("alexnet.sgd-step6", summary.TargetFrom);
        var resnet = summary.Entries.Single(entry => entry.Architecture == "resnet18");
        Assert.Equal("360000", resnet.TrainingMacsToTarget.ToString());
        Assert.Equal(5, resnet.ReductionFactor!.Value, 9);
        Assert.True(resnet.Resolved);
        Assert.Null(resnet.Low);
        Assert.Equal(0.75, summary.Entries[0].ReductionFactor!.Value, 9);
    }

    [Fact]
    public void An_early_crossing_is_unresolved_and_said_to_be()
    {
        var (results, summary) = Made([0.1, 0.2, 0.3, 0.4, 0.45, 0.5], [0.1, 0.2, 0.3, 0.4, 0.45, 0.5], [0.1, 0.5, 0.6, 0.6]);
        Assert.False(summary.Entries.Single(entry => entry.Architecture == "resnet18").Resolved);
        Assert.Contains(Findings.Of(Study, summary, results), finding =>
            finding.StartsWith("resnet18.sgd-smooth6: unresolved.", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_crossing_that_fell_back_is_said_to_have_done_so()
    {
        double[] rising = [0.1, 0.2, 0.3, 0.4, 0.45, 0.5];
        var (results, summary) = Made(rising, rising, [0.1, 0.2, 0.3, 0.4, 0.45, 0.55, 0.45, 0.45]);
        Assert.Contains(
            "resnet18.sgd-smooth6: 2 of 2 trials ended below the target after having crossed it; it crossed by a little, or by luck.",
            Findings.Of(Study, summary, results)
        );
        (results, summary) = Made(rising, rising, [0.1, 0.2, 0.3, 0.4, 0.45, 0.55, 0.45, 0.55]);
        Assert.DoesNotContain(Findings.Of(Study, summary, results), finding => finding.Contains("ended below", StringComparison.Ordinal));
    }

    [Fact]
    public void Time_in_which_trials_were_suspended_is_one_line_and_none_where_it_is_zero_or_unknown()
    {
        double[] rising = [0.1, 0.2, 0.3, 0.4, 0.45, 0.5];
        var (results, summary) = Made(rising, rising, rising);
        Assert.DoesNotContain(Findings.Of(Study, summary, results), finding => finding.Contains("suspended", StringComparison.Ordinal));
        var suspended = results.ToDictionary(
            entry => entry.Key,
            entry => (IReadOnlyList<TrialResult>)[.. entry.Value.Select((trial, index) => Suspended(trial, index == 0 ? 65 : 0))]
        );
        Assert.Equal(
            "3 of 6 trials were suspended while they ran, for 3:15 in all: their seconds are without it, and their joules are not known.",
            Assert.Single(Findings.Of(Study, summary, suspended), finding => finding.Contains("suspended", StringComparison.Ordinal))
        );

        static TrialResult Suspended(TrialResult trial, double seconds) =>
            trial with
            {
                Record = trial.Record with { Clocks = trial.Record.Clocks with { SuspendedSeconds = seconds } },
            };
    }

    [Fact]
    public void A_miss_is_reported_as_a_bound()
    {
        var (results, summary) = Made([0.1, 0.2, 0.3, 0.4, 0.45, 0.5], [0.1, 0.2, 0.3, 0.4, 0.45, 0.5], [0.1, 0.2, 0.3, 0.3, 0.3, 0.3]);
        var resnet = summary.Entries.Single(entry => entry.Architecture == "resnet18");
        Assert.Equal((Bound.AtMost, 0, 2), (resnet.Bound!.Value, resnet.Reached, resnet.Trials));
        Assert.Null(resnet.TrainingMacsToTarget);
        Assert.Contains(
            "at most 5.00×",
            Written(new StudyReport(new AnalysedStudy(Study, summary, results, null))),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Where_the_baseline_missed_a_given_target_the_headline_claims_no_level_of_it()
    {
        var study = Samples.Study with { Seeds = [1], Target = new Target(Samples.Top1, 0.9, FromBaseline: false) };
        double[] learning = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];
        var results = study.AllEntries.ToDictionary(
            entry => entry.Name,
            entry =>
                (IReadOnlyList<TrialResult>)
                    [
                        Samples.Trial(
                            study,
                            entry,
                            1,
                            entry.Architecture == "alexnet" ? 80 : 90,
                            new DateOnly(2012, 6, 1),
                            0.9,
                            [.. learning, entry.Architecture == "alexnet" ? 0.8 : 0.9]
                        ),
                    ]
        );
        // 80 against 90 multiply-adds of an example, over the same examples.
        Assert.Equal(
            "**resnet18** reached a top1 of 90.0 %, which alexnet.sgd-step6 did not with every seed: a reduction factor of "
                + "**at least 0.889×**; 1 seed.",
            Headline.Of(SampleReports.Of(study, results).Analysed)
        );
    }

    [Fact]
    public void A_baseline_that_learned_nothing_is_said_to_be_no_target()
    {
        double[] rising = [0.1, 0.2, 0.3, 0.4, 0.45, 0.5];
        var (results, summary) = Made(rising, rising, rising);
        string[] At(double threshold) =>
            [
                .. Findings
                    .Of(Study, summary with { Target = new TargetSummary(Samples.Top1, threshold) }, results)
                    .Where(finding => finding.Contains("chance", StringComparison.Ordinal)),
            ];
        // Of ten classes.
        Assert.Equal(
            "The target, a top1 of 10.0 %, is not above chance (10.0 %): a network that learned nothing reaches it. These factors mean "
                + "nothing.",
            Assert.Single(At(0.1))
        );
        Assert.Empty(At(0.11));
    }

    [Fact]
    public void A_flat_baseline_is_said_to_be_flat()
    {
        double[] flat = [0.1, 0.2, 0.45, 0.47, 0.48, 0.485, 0.49, 0.494, 0.496, 0.497, 0.499, 0.5];
        var (results, summary) = Made(flat, flat, [0.1, 0.2, 0.3, 0.35, 0.4, 0.55]);
        Assert.Contains(Findings.Of(Study, summary, results), finding =>
            finding.Contains("is flat at the target", StringComparison.Ordinal)
        );
        double[] rising = [0.05, 0.1, 0.14, 0.18, 0.22, 0.26, 0.3, 0.34, 0.38, 0.42, 0.46, 0.5];
        (results, summary) = Made(rising, rising, [0.1, 0.2, 0.3, 0.35, 0.4, 0.55]);
        Assert.DoesNotContain(Findings.Of(Study, summary, results), finding => finding.Contains("is flat", StringComparison.Ordinal));
    }

    [Fact]
    public void Two_seeds_are_labelled_in_the_report_and_in_its_headline()
    {
        var (results, summary) = Made([0.1, 0.2, 0.3, 0.4, 0.45, 0.5], [0.1, 0.2, 0.3, 0.4, 0.45, 0.5], [0.1, 0.2, 0.3, 0.35, 0.4, 0.55]);
        var report = new StudyReport(new AnalysedStudy(Study, summary, results, null));
        Assert.Contains("2 seeds, no interval", Headline.Of(report.Analysed), StringComparison.Ordinal);
        Assert.Contains("- 2 seeds: no interval can be given.", Written(report), StringComparison.Ordinal);
        Assert.Contains("chance is 10.0 %", Written(report), StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_that_sees_less_than_the_baseline_stands_in_no_headline_and_no_trend()
    {
        var resnet = Study.Entries[1];
        var quarter = resnet with { Name = $"{resnet.Name}.data-0.25", Variant = EntryVariant.Parse("data-0.25") };
        var study = Study with { Entries = [Study.Entries[0], quarter] };
        double[] rising = [0.1, 0.2, 0.3, 0.4, 0.45, 0.5];
        var (all, _) = Made(rising, rising, [0.1, 0.2, 0.3, 0.35, 0.4, 0.55]);
        var results = new Dictionary<string, IReadOnlyList<TrialResult>>(all) { [quarter.Name] = all[resnet.Name] };
        var analysed = new AnalysedStudy(study, StudySummary.Of(study, 0.5, results), results, null);
        Assert.NotNull(analysed.Summary.Entries[2].ReductionFactor);
        Assert.Null(Headline.Best(analysed));
        Assert.DoesNotContain(quarter.Name, analysed.Summary.Trend?.Points.Select(point => point.Name) ?? []);
    }

    [Fact]
    public void A_schedule_of_the_baseline_that_did_not_reach_the_target_with_every_seed_divides_nothing()
    {
        var results = Made([0.1, 0.2, 0.3, 0.35, 0.4, 0.5], [0.1, 0.2, 0.3, 0.4, 0.45, 0.5], [0.1, 0.2, 0.3, 0.35, 0.4, 0.55]).Results;
        var smoothed = Study.Entries[0];
        results[smoothed.Name] = [Trials(smoothed, 100, Old, 0.5, [0.6])[0]];
        Assert.Equal("alexnet.sgd-step6", StudySummary.Of(Study, 0.5, results).Baseline);
        results[smoothed.Name] = [.. Trials(smoothed, 100, Old, 0.5, [0.6]).Take(1), .. Trials(smoothed, 100, Old, 0.5, [0.1]).Skip(1)];
        Assert.Equal("alexnet.sgd-step6", StudySummary.Of(Study, 0.5, results).Baseline);
    }

    [Fact]
    public void A_trial_that_diverged_after_its_crossing_still_bounds_nothing()
    {
        var results = Made([0.1, 0.2, 0.3, 0.35, 0.4, 0.5], [0.1, 0.2, 0.3, 0.4, 0.45, 0.5], [0.1, 0.2, 0.3, 0.35, 0.4, 0.55]).Results;
        var resnet = Study.Entries[1].Name;
        results[resnet] = [.. results[resnet].Select(trial => trial with { Record = trial.Record with { Outcome = Outcome.Diverged } })];
        Assert.Null(StudySummary.Of(Study, 0.5, results).Entries.Single(entry => entry.Entry == resnet).ReductionFactor);
    }

    [Fact]
    public void What_factors_divide_by_is_told_as_the_study_has_it()
    {
        double[] reaches = [0.1, 0.2, 0.3, 0.4, 0.45, 0.5],
            misses = [0.1, 0.2, 0.3, 0.3, 0.3, 0.3];
        static string Told(Study study, Dictionary<string, IReadOnlyList<TrialResult>> results) =>
            Measurement.Paragraphs(new AnalysedStudy(study, StudySummary.Of(study, 0.5, results), results, null))[0];
        Assert.EndsWith(
            "Factors divide by the cost of alexnet.sgd-step6, the cheaper of 2 schedules of alexnet that reached the target with every "
                + "seed.",
            Told(Study, Made(reaches, reaches, reaches).Results),
            StringComparison.Ordinal
        );
        Assert.EndsWith(
            "Factors divide by the cost of alexnet.sgd-step6, the only one of 2 schedules of alexnet that reached the target with "
                + "every seed.",
            Told(Study, Made(reaches, misses, reaches).Results),
            StringComparison.Ordinal
        );
        Assert.EndsWith(
            "Factors divide by the cost of alexnet.sgd-step6, the baseline of the study, which did not reach the target with every seed.",
            Told(Study, Made(misses, misses, reaches).Results),
            StringComparison.Ordinal
        );
        Assert.EndsWith(
            "Factors divide by the cost of alexnet.sgd-step6, the baseline of the study.",
            Told(Study with { Entries = [Study.Entries[1]] }, Made(reaches, reaches, reaches).Results),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "convolutions, linear layers and attention products",
            Told(Study, Made(reaches, reaches, reaches).Results),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Figures_that_a_report_no_longer_has_go_and_other_files_beside_them_stay()
    {
        var folder = Directory.CreateTempSubdirectory("trainharness-figures-").FullName;
        try
        {
            var figures = Path.Combine(folder, "figures");
            SampleReports.All["several-entries"]().Write(new ResultStore(folder));
            Assert.All(Directory.EnumerateFiles(figures), file =>
                Assert.Contains(Path.GetFileNameWithoutExtension(file), SampleReports.All["several-entries"]().Figures())
            );
            Assert.True(File.Exists(Path.Combine(figures, "threshold.svg")) && File.Exists(Path.Combine(figures, "threshold.png")));
            File.WriteAllText(Path.Combine(figures, "drawn-by-hand.svg"), "mine");
            File.WriteAllText(Path.Combine(figures, "threshold.txt"), "mine");
            SampleReports.All["one-trial"]().Write(new ResultStore(folder));
            Assert.Equal(
                SampleReports
                    .All["one-trial"]()
                    .Charts()
                    .SelectMany(chart => (string[])[chart.Name + ".svg", chart.Name + ".png"])
                    .Concat(["drawn-by-hand.svg", "threshold.txt"])
                    .Order(StringComparer.Ordinal),
                Directory.EnumerateFiles(figures).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)
            );
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Figures_are_not_written_through_a_link()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "links need a permission on Windows");
        var folder = Directory.CreateTempSubdirectory("trainharness-figures-").FullName;
        try
        {
            var elsewhere = Directory.CreateDirectory(Path.Combine(folder, "elsewhere")).FullName;
            var store = new ResultStore(Path.Combine(folder, "study"));
            Directory.CreateDirectory(store.Folder);
            Directory.CreateSymbolicLink(Path.Combine(store.Folder, "figures"), elsewhere);
            Assert.Equal(
                $"{store.Folder}/figures: a link to {elsewhere}; allowed: a folder of its own.",
                Assert.Throws<ConfigurationException>(() => SampleReports.All["one-trial"]().Write(store)).Message
            );
            Assert.Empty(Directory.EnumerateFileSystemEntries(elsewhere));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Trials_on_different_data_are_never_in_one_report()
    {
        var folder = Directory.CreateTempSubdirectory("trainharness-mixed-").FullName;
        try
        {
            var store = new ResultStore(folder);
            var given = Samples.Study with { Target = new Target(Samples.Top1, 0.5, FromBaseline: false) };
            new MeasuredStudy(given, store).WriteStudy();
            var read = StudyReader.ReadResolved(store.StudyFile);
            foreach (var seed in read.Seeds.Take(2))
            {
                var trial = Samples.Trial(read, read.Baseline, seed, 100, Old, 0.5, 0.2, 0.6);
                store.Write(trial.Record with { Dataset = trial.Record.Dataset with { PackSha256 = $"pack {seed}" } }, trial.Evaluations);
            }

            Assert.Contains(
                "were measured on different data ('dataset.packSha256')",
                Assert.Throws<ConfigurationException>(() => StudyReport.Read(store)).Message,
                StringComparison.Ordinal
            );
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Three_networks_on_the_frontier_cannot_say_what_one_of_them_decides_and_the_report_says_so()
    {
        static string Trend(params double[] factors)
        {
            var summary = SampleReports.All["several-entries"]().Analysed.Summary;
            var entrants = factors
                .Select((factor, year) => new TrendEntrant(new TrendPoint($"network{year}", new DateOnly(2012 + year, 1, 1), factor), null))
                .ToList();
            return TrendSection
                .Parts(summary with { Trend = TrendSummary.Of(entrants, "network0") })!
                .Select(part => part.Paragraph)
                .OfType<string>()
                .Single(text => text.Contains("left out", StringComparison.Ordinal));
        }

        Assert.Equal(
            "What one network decides cannot be said: least squares need three on the frontier, and with one of its 3 left out there "
                + "are fewer.",
            Trend(1, 2, 4)
        );
        // A year from one doubling to the next, whichever of the four is left out.
        Assert.Equal(
            "Least squares with one network left out: without network0: 12.0 months; without network1: 12.0 months; without network2: "
                + "12.0 months; without network3: 12.0 months.",
            Trend(1, 2, 4, 8)
        );
    }

    [Fact]
    public void The_first_columns_of_efficiency_csv_are_those_of_OpenAI()
    {
        var (_, summary) = Made([0.1, 0.2, 0.3, 0.4, 0.45, 0.5], [0.1, 0.2, 0.3, 0.4, 0.45, 0.5], [0.1, 0.2, 0.3, 0.35, 0.4, 0.55]);
        var lines = EfficiencyCsv.Of(summary, new Dictionary<string, string> { ["resnet18.sgd-smooth6"] = "arXiv:1512.03385" }).Split('\n');
        Assert.StartsWith(
            "Metric,Publication Date,Publication,Publication link,Compute (teraflops-s/days),Reduction Factor,Analysis,Analysis link,",
            lines[0],
            StringComparison.Ordinal
        );
        // Paper convention: 3 · 20 · 6000 operations = 3.6e5; divided by 8.64e16.
        Assert.StartsWith(
            "top1 >= 0.5 in sample,2015-12-10,arXiv:1512.03385,https://arxiv.org/abs/1512.03385,4.16667E-12,5,TrainHarness,,resnet18.sgd-smooth6,paper,360000,",
            lines[3],
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_study_whose_baseline_is_not_done_has_no_answer_yet()
    {
        var study = Samples.Study;
        var results = study.AllEntries.ToDictionary(entry => entry.Name, _ => (IReadOnlyList<TrialResult>)[]);
        var summary = StudySummary.Of(study, null, results);
        Assert.All(summary.Entries, entry => Assert.Null(entry.ReductionFactor));
        Assert.Contains(
            "no target yet",
            Written(new StudyReport(new AnalysedStudy(study, summary, results, null))),
            StringComparison.Ordinal
        );
    }

    private static string Written(StudyReport report) => report.Markdown();

    private static StudySummary Summary(double[] stepped, double[] smoothed, double[] resnet) => Made(stepped, smoothed, resnet).Summary;

    private static (Dictionary<string, IReadOnlyList<TrialResult>> Results, StudySummary Summary) Made(
        double[] stepped,
        double[] smoothed,
        double[] resnet
    )
    {
        var results = new Dictionary<string, IReadOnlyList<TrialResult>>
        {
            [Study.Baseline.Name] = Trials(Study.Baseline, 100, Old, null, stepped),
            [Study.Entries[0].Name] = Trials(Study.Entries[0], 100, Old, 0.5, smoothed),
            [Study.Entries[1].Name] = Trials(Study.Entries[1], 20, New, 0.5, resnet),
        };
        return (results, StudySummary.Of(Study, 0.5, results));
    }

    private static IReadOnlyList<TrialResult> Trials(Entry entry, long macs, DateOnly published, double? threshold, double[] curve) =>
        [.. Study.Seeds.Select(seed => Samples.Trial(Study, entry, seed, macs, published, threshold, curve))];
}
