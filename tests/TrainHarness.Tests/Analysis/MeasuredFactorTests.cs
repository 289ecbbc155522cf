using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Reports;
using TrainHarness.Results;

namespace TrainHarness.Tests.Analysis;

public sealed class MeasuredFactorTests
{
    private static readonly Study Study = Samples.Study with
    {
        Seeds = [1],
        Entries = [Samples.Entry("resnet18", "sgd-smooth6")],
        Target = new Target(Samples.Top1, 0.5, FromBaseline: true),
    };

    private static readonly double[] Old = [0.1, 0.2, 0.3, 0.35, 0.4, 0.42, 0.44, 0.46, 0.48, 0.5];
    private static readonly double[] New = [0.1, 0.2, 0.3, 0.35, 0.4, 0.5];

    [Fact]
    public void Every_measure_has_its_own_factor()
    {
        var resnet = Resnet(Trials());
        // The baseline: 10 evaluations of 1000 examples, 300 multiply-adds and 1.5 ms each; the entry: 6 of them at 60.
        Assert.Equal(10 * 300 / (6 * 60.0), Factor(resnet, CostMeasure.ExactFlops), 9);
        Assert.Equal(10 * 300 / (6 * 60.0), Factor(resnet, CostMeasure.PaperFlops), 9);
        Assert.Equal(10 / 6.0, Factor(resnet, CostMeasure.Seconds), 9);
        Assert.Equal(10 / 6.0, Factor(resnet, CostMeasure.Examples), 9);
        // A multiply-add is two operations by 'exact' and one by 'paper', where training is three forward passes.
        Assert.Equal(2 * 60 * 6000.0, Measure(resnet, CostMeasure.ExactFlops).Cost!.Value, 6);
        Assert.Equal(3 * 20 * 6000.0, Measure(resnet, CostMeasure.PaperFlops).Cost!.Value, 6);
    }

    [Fact]
    public void A_count_of_one_trial_stays_what_its_record_says_in_every_output()
    {
        // No double holds these; a geometric mean by logarithms would change their last five digits.
        const long macs = 1_234_567_890_123_457;
        var study = Study with { Entries = [] };
        var trial = Samples.Trial(study, study.Baseline, 1, macs, new DateOnly(2012, 6, 1), null, Old);
        var summary = StudySummary.Of(study, 0.5, new Dictionary<string, IReadOnlyList<TrialResult>> { [study.Baseline.Name] = [trial] });
        var spent = trial.Evaluations[^1].Ledger.Training;
        var entry = summary.Entries[0];

        Assert.Equal(3 * macs * (UInt128)10_000, spent.Count);
        Assert.Equal(spent, entry.TrainingMacsToTarget);
        Assert.Equal(2 * spent.Count, Measure(entry, CostMeasure.ExactFlops).Cost!.Value.Count);
        Assert.Equal((UInt128)10_000, Measure(entry, CostMeasure.Examples).Cost!.Value.Count);
        Assert.Null(Measure(entry, CostMeasure.Seconds).Cost!.Value.Count);
        Assert.Contains($"\"cost\": {2 * spent.Count},", ResultsJson.Write(entry.Measures[0]), StringComparison.Ordinal);
        var cells = EfficiencyCsv.Of(summary, new Dictionary<string, string>()).Split('\n').Select(line => line.Split(',')).ToList();
        string Cell(string column) => cells[1][Array.IndexOf(cells[0], column)];
        Assert.Equal(
            ("37037036703703710000", "10000", "37037036.70370371"),
            (Cell("trainingMacsToTarget"), Cell("examplesToTarget"), Cell("trainingTeraMacsToTarget"))
        );
    }

    [Fact]
    public void A_factor_splits_into_examples_and_the_cost_of_one()
    {
        var exact = Measure(Resnet(Trials()), CostMeasure.ExactFlops);
        Assert.Equal(10 / 6.0, exact.ExamplesFactor!.Value, 9);
        Assert.Equal(5, exact.PerExampleFactor!.Value, 9);
        Assert.Equal(1, Measure(Resnet(Trials()), CostMeasure.Seconds).PerExampleFactor!.Value, 9);
    }

    [Fact]
    public void Joules_that_were_not_measured_give_no_factor_and_say_why()
    {
        var joules = Measure(Resnet(Trials()), CostMeasure.Joules);
        Assert.Equal((null, null, "not measured"), (joules.Factor, joules.Cost, joules.Unknown));
        var measured = Measure(
            Resnet(
                Trials(trial =>
                    trial with
                    {
                        Evaluations = [.. trial.Evaluations.Select(evaluation => evaluation with { Joules = 40 * evaluation.Seconds })],
                    }
                )
            ),
            CostMeasure.Joules
        );
        Assert.Equal(10 / 6.0, measured.Factor!.Factor, 9);
        Assert.Equal(40 * 9, measured.Cost!.Value, 9);
    }

    [Fact]
    public void Trials_that_shared_a_device_have_exact_compute_and_no_time()
    {
        static TrialResult Shared(TrialResult trial) =>
            trial with
            {
                Record = trial.Record with { Clocks = trial.Record.Clocks with { TrialsPerDevice = 2 } },
            };
        var trials = Trials();
        var prices = new PriceList([new DevicePrice("a processor", 3600, new DateOnly(2026, 1, 1), "a list")]);
        trials[Study.Entries[0].Name] = [Shared(trials[Study.Entries[0].Name][0])];
        var summary = StudySummary.Of(Study, 0.5, trials, prices);
        var resnet = summary.Entries[1];
        Assert.Equal(10 * 300 / (6 * 60.0), Factor(resnet, CostMeasure.ExactFlops), 9);
        Assert.Equal(10 / 6.0, Factor(resnet, CostMeasure.Examples), 9);
        Assert.Null(resnet.SecondsToTarget);
        Assert.All([CostMeasure.Seconds, CostMeasure.Joules, CostMeasure.Dollars], measure =>
            Assert.Equal(
                (null, null, "trials shared a device"),
                (Measure(resnet, measure).Cost, Measure(resnet, measure).Factor, Measure(resnet, measure).Unknown)
            )
        );
        // The baseline was alone.
        Assert.Equal(15, summary.Entries[0].SecondsToTarget!.Value, 9);
        var report = new StudyReport(new AnalysedStudy(Study, summary, trials, null));
        Assert.Contains(
            "1 of 2 trials shared a device with others (--per-device): no factor is made of their seconds, joules or dollars.",
            report.Findings()
        );
        Assert.DoesNotContain(
            resnet.Entry,
            string.Join(' ', report.Charts().Single(chart => chart.Name == "time").Series.Select(series => series.Name)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Joules_of_two_kinds_of_meter_are_not_divided()
    {
        var trials = Trials(trial =>
            trial with
            {
                Record = trial.Record with { EnergyMeter = "rapl: 1 processor package, all that the machine runs" },
                Evaluations = [.. trial.Evaluations.Select(evaluation => evaluation with { Joules = 40 * evaluation.Seconds })],
            }
        );
        Assert.Equal(10 / 6.0, Factor(Resnet(trials), CostMeasure.Joules), 9);
        var resnet = trials[Study.Entries[0].Name][0];
        trials[Study.Entries[0].Name] = [resnet with { Record = resnet.Record with { EnergyMeter = "nvml: one GPU board" } }];
        var joules = Measure(Resnet(trials), CostMeasure.Joules);
        Assert.Equal((null, "not one kind of meter"), (joules.Factor, joules.Unknown));
        // The entry's own joules are of one meter.
        Assert.Equal(40 * 9, joules.Cost!.Value, 9);
        Assert.Equal(
            ["nvml: one GPU board", "rapl: 1 processor package, all that the machine runs"],
            StudySummary.Of(Study, 0.5, trials).EnergyMeters
        );
    }

    [Fact]
    public void Dollars_are_hours_at_the_price_of_the_device_and_the_study_stands_before_the_list()
    {
        var list = new PriceList([new DevicePrice("a processor", 3600, new DateOnly(2026, 1, 1), "a list")]);
        var dollars = Measure(Resnet(Trials(), list), CostMeasure.Dollars);
        // 6 evaluations of 1.5 s at one dollar a second.
        Assert.Equal(9, dollars.Cost!.Value, 9);
        Assert.Equal(10 / 6.0, dollars.Factor!.Factor, 9);
        var own = Study with { Prices = new PriceList([new DevicePrice("A processor", 7200, new DateOnly(2026, 2, 1), "a contract")]) };
        var summary = StudySummary.Of(own, 0.5, Trials(), list);
        Assert.Equal(18, Measure(summary.Entries[1], CostMeasure.Dollars).Cost!.Value, 9);
        Assert.Equal("a contract", Assert.Single(summary.Prices).Source);
    }

    [Fact]
    public void A_device_without_a_price_has_no_dollars() =>
        Assert.Equal("no price for A processor", Measure(Resnet(Trials()), CostMeasure.Dollars).Unknown);

    [Fact]
    public void Seconds_of_two_machines_are_not_divided_and_dollars_are()
    {
        var trials = Trials();
        var resnet = trials[Study.Entries[0].Name][0];
        trials[Study.Entries[0].Name] =
        [
            resnet with
            {
                Record = resnet.Record with { Environment = resnet.Record.Environment with { DeviceName = "Another" } },
            },
        ];
        var prices = new PriceList([new("A processor", 1, default, "-"), new("Another", 2, default, "-")]);
        var entry = Resnet(trials, prices);
        Assert.Equal("not one machine", Measure(entry, CostMeasure.Seconds).Unknown);
        // Twice the price makes half the factor.
        Assert.Equal(5 / 6.0, Factor(entry, CostMeasure.Dollars), 9);
        Assert.Equal(10 * 300 / (6 * 60.0), Factor(entry, CostMeasure.ExactFlops), 9);
    }

    [Fact]
    public void Machines_that_nobody_named_are_not_one_machine()
    {
        static TrialResult Unnamed(TrialResult trial) =>
            trial with
            {
                Record = trial.Record with { Environment = trial.Record.Environment with { DeviceName = null } },
            };
        var entry = Resnet(Trials(Unnamed));
        Assert.Equal(
            ("an unknown device", null),
            (Measure(entry, CostMeasure.Seconds).Unknown, Measure(entry, CostMeasure.Seconds).Factor)
        );
        Assert.Equal("no price for an unknown device", Measure(entry, CostMeasure.Dollars).Unknown);
        // What was spent is known all the same, and what does not hang on the machine compares.
        Assert.Equal(9, Measure(entry, CostMeasure.Seconds).Cost!.Value, 9);
        Assert.Equal(10 * 300 / (6 * 60.0), Factor(entry, CostMeasure.ExactFlops), 9);
    }

    [Fact]
    public void A_miss_is_a_bound_in_every_measure_and_is_not_split()
    {
        var resnet = Resnet(Trials(entry: [0.1, 0.2, 0.3, 0.3]));
        Assert.All([CostMeasure.ExactFlops, CostMeasure.Seconds, CostMeasure.Examples], measure =>
        {
            Assert.Equal(Bound.AtMost, Measure(resnet, measure).Factor!.Bound);
            Assert.Null(Measure(resnet, measure).ExamplesFactor);
            Assert.Null(Measure(resnet, measure).Cost);
        });
        Assert.Equal((null, null), (resnet.InferenceFactor, resnet.InferenceMacs));
    }

    [Fact]
    public void Inference_divides_the_forward_passes_of_networks_that_reached_the_target()
    {
        var summary = StudySummary.Of(Study, 0.5, Trials());
        Assert.Equal((5.0, 1.0), (summary.Entries[1].InferenceFactor!.Value, summary.Entries[0].InferenceFactor!.Value));
        Assert.Equal("20", summary.Entries[1].InferenceMacs.ToString());
    }

    [Fact]
    public void Inference_leaves_out_auxiliary_heads_that_only_train()
    {
        // Evaluating 50 validation examples took 700 multiply-adds: 14 each, where a training step has 20.
        var resnet = Resnet(
            Trials(trial =>
                trial with
                {
                    Record = trial.Record with { Recipe = trial.Record.Recipe with { AuxiliaryLossWeight = 0.3 } },
                    Evaluations =
                    [
                        .. trial.Evaluations.Select(evaluation =>
                            evaluation with
                            {
                                Ledger = evaluation.Ledger with { Evaluation = new Macs(700) },
                            }
                        ),
                    ],
                }
            )
        );
        Assert.Equal("14", resnet.InferenceMacs.ToString());
    }

    private static double Factor(EntrySummary entry, CostMeasure measure) => Measure(entry, measure).Factor!.Factor;

    private static MeasuredFactor Measure(EntrySummary entry, CostMeasure measure) =>
        entry.Measures.Single(measured => measured.Measure == measure);

    private static EntrySummary Resnet(Dictionary<string, IReadOnlyList<TrialResult>> trials, PriceList? prices = null) =>
        StudySummary.Of(Study, 0.5, trials, prices).Entries[1];

    private static Dictionary<string, IReadOnlyList<TrialResult>> Trials(
        Func<TrialResult, TrialResult>? change = null,
        double[]? entry = null
    )
    {
        change ??= trial => trial;
        return new()
        {
            [Study.Baseline.Name] = [change(Samples.Trial(Study, Study.Baseline, 1, 100, new(2012, 6, 1), null, Old))],
            [Study.Entries[0].Name] = [change(Samples.Trial(Study, Study.Entries[0], 1, 20, new(2015, 12, 10), 0.5, entry ?? New))],
        };
    }
}
