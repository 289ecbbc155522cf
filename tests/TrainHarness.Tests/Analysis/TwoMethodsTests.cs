using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Reports;
using TrainHarness.Reports.Wording;
using TrainHarness.Results;

namespace TrainHarness.Tests.Analysis;

public sealed class TwoMethodsTests
{
    // AlexNet as AI and Compute worked it: 0.75e9 multiply-adds × 1.2e6 images × 90 epochs by method 1; two GTX 580 for five to six days by
    // method 2, here one for eleven.
    private const double Forward = 0.75e9 * 1.2e6 * 90;

    private static TrialRecord AlexNet { get; } = Record("GeForce GTX 580", Forward, 11 * 86400.0);

    [Fact]
    public void AlexNet_is_about_0_0056_petaflop_days_by_count_and_0_0057_by_time()
    {
        var methods = TwoMethods.Of(AlexNet);
        // 0.75e9 · 1.2e6 · 90 · 6 = 4.86e17 operations; 1.58e12 · 11 · 86400 · 0.33 = 4.955e17.
        Assert.Equal(0.005625, methods.CountedPetaflopDays, 1e-6);
        Assert.Equal(0.005735, methods.EstimatedPetaflopDays!.Value, 1e-6);
        Assert.Equal(0.981, methods.Ratio!.Value, 1e-3);
        Assert.False(methods.Differs);
        // Forward, grad-input and grad-weight are as many each: 4.86e17 of the 1.5016e18 that the device could have done.
        Assert.Equal(0.3237, methods.Utilization!.Value, 1e-4);
    }

    [Theory]
    [InlineData(3.1, true)]
    [InlineData(2.9, false)]
    [InlineData(1 / 2.9, false)]
    [InlineData(1 / 3.1, true)]
    public void More_than_three_times_apart_is_a_finding(double ratio, bool found)
    {
        var record = Record("GeForce GTX 580", Forward, 11 * 86400 * 0.9808 / ratio);
        Assert.Equal(found, TwoMethods.Of(record).Differs);
        Assert.Equal(found, FindingsOf(record).Any(finding => finding.Contains("differ by more than 3 times", StringComparison.Ordinal)));
    }

    [Fact]
    public void More_than_the_peak_says_that_the_clock_or_the_peak_is_wrong() =>
        Assert.Contains(FindingsOf(Record("GeForce GTX 580", Forward, 86400)), finding =>
            finding.EndsWith("the clock or the peak is wrong.", StringComparison.Ordinal)
        );

    [Fact]
    public void Without_a_peak_without_a_name_and_on_a_shared_device_there_is_a_count_and_no_estimate()
    {
        Assert.Equal("no peak of A processor in fp32 is known", TwoMethods.Of(Record("A processor", Forward, 1)).Unknown);
        var bf16 = Record("Tesla T4", Forward, 1) with { Recipe = Samples.Recipe with { Precision = Precision.Bf16 } };
        Assert.Equal("no peak of Tesla T4 in bf16 is known", TwoMethods.Of(bf16).Unknown);
        Assert.Equal("an unknown device", TwoMethods.Of(Record(null, Forward, 1)).Unknown);
        var shared = TwoMethods.Of(AlexNet with { Clocks = AlexNet.Clocks with { TrialsPerDevice = 2 } });
        Assert.Equal("trials shared a device", shared.Unknown);
        Assert.Equal((null, null, null, false), (shared.EstimatedPetaflopDays, shared.Utilization, shared.Ratio, shared.Differs));
        Assert.Equal(0.005625, shared.CountedPetaflopDays, 1e-6);
    }

    [Fact]
    public void The_peak_is_that_of_the_trials_precision()
    {
        var bf16 = Record("NVIDIA H100 80GB HBM3", Forward, 3600) with { Recipe = Samples.Recipe with { Precision = Precision.Bf16 } };
        // 989.5e12 against 67e12.
        var fp32 = bf16 with { Recipe = Samples.Recipe };
        Assert.Equal(989.5 / 67, TwoMethods.Of(bf16).EstimatedPetaflopDays!.Value / TwoMethods.Of(fp32).EstimatedPetaflopDays!.Value, 1e-9);
    }

    [Fact]
    public void The_report_shows_every_trial_with_the_source_of_its_peak_and_nothing_of_a_processor()
    {
        var report = ReportOf(AlexNet);
        Assert.Contains("## By count and by device time", report, StringComparison.Ordinal);
        Assert.Matches(@"\| alexnet\.sgd-step6/seed-1 \| 0\.0056[23] \| 0\.0057[34] \| 0\.981 \| 32\.4 % \|", report);
        Assert.Contains("Peak of GTX 580 in fp32: 1.58 TFLOP/s (NVIDIA GeForce GTX 580 specifications", report, StringComparison.Ordinal);
        Assert.DoesNotContain("By count and by device time", ReportOf(Record("A processor", Forward, 1)), StringComparison.Ordinal);
    }

    private static TrialRecord Record(string? device, double forward, double seconds)
    {
        var record = Samples.Trial(Samples.Study, Samples.Study.Baseline, 1, 100, new DateOnly(2012, 6, 1), null, 0.2, 0.5).Record;
        var macs = new Macs((UInt128)forward);
        return record with
        {
            Ledger = new ComputeLedger(macs, macs, macs, Macs.Zero),
            Clocks = record.Clocks with { TrainingSeconds = seconds },
            Environment = record.Environment with { DeviceName = device },
        };
    }

    private static AnalysedStudy Analysed(TrialRecord record)
    {
        var study = Samples.Study with { Seeds = [1], Entries = [], Target = new Target(Samples.Top1, 0.5, FromBaseline: true) };
        var trial = Samples.Trial(study, study.Baseline, 1, 100, new DateOnly(2012, 6, 1), null, 0.2, 0.5);
        var results = new Dictionary<string, IReadOnlyList<TrialResult>> { [study.Baseline.Name] = [trial with { Record = record }] };
        return new AnalysedStudy(study, StudySummary.Of(study, 0.5, results), results, Scan: null);
    }

    private static IReadOnlyList<string> FindingsOf(TrialRecord record)
    {
        var analysed = Analysed(record);
        return Findings.Of(analysed.Study, analysed.Summary, analysed.Results);
    }

    private static string ReportOf(TrialRecord record) => new StudyReport(Analysed(record)).Markdown();
}
