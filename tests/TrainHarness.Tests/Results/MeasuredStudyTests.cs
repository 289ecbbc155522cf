using TrainHarness.Analysis;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Tests.Results;

/// <summary>The rules of protocol 1 about the target and the crossing, on hand-made records.</summary>
public sealed class MeasuredStudyTests : IDisposable
{
    private static readonly DateOnly Date = new(2014, 4, 23);

    private readonly string folder = Directory.CreateTempSubdirectory("trainharness-").FullName;
    private readonly ResultStore store;

    public MeasuredStudyTests() => store = new ResultStore(folder);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_threshold_is_the_smallest_final_metric_of_the_baselines_seeds_so_that_each_of_them_reached_it()
    {
        var study = Samples.Study with { Seeds = [1, 2, 3] };
        var measured = new MeasuredStudy(study, store);
        // What counts is the end, not the peak.
        Write(study, 1, 0.3, 0.62, 0.58);
        Write(study, 2, 0.3, 0.5, 0.55);
        Assert.Null(measured.Threshold());
        Write(study, 3, 0.3, 0.5, 0.57);
        Assert.Equal(0.55, measured.Threshold());
    }

    [Fact]
    public void A_frozen_threshold_stays_when_a_seed_is_added()
    {
        Write(Samples.Study, 1, 0.5, 0.6);
        Write(Samples.Study, 2, 0.5, 0.58);
        new MeasuredStudy(Samples.Study, store).WriteStudy();

        var more = Samples.Study with { Seeds = [1, 2, 3] };
        Assert.Equal(0.58, new MeasuredStudy(more, store).Threshold());
        Write(more, 3, 0.5, 0.51);
        Assert.Equal(0.58, new MeasuredStudy(more, store).Threshold());
    }

    [Fact]
    public void A_frozen_threshold_outlives_a_run_with_other_seeds_and_falls_with_the_trials_that_set_it()
    {
        Write(Samples.Study, 1, 0.5, 0.6);
        Write(Samples.Study, 2, 0.5, 0.58);
        new MeasuredStudy(Samples.Study, store).WriteStudy();
        // Stopped before its one baseline trial had ended.
        new MeasuredStudy(Samples.Study with { Seeds = [3] }, store).WriteStudy();
        Assert.Equal(0.58, new MeasuredStudy(Samples.Study with { Seeds = [1, 2, 3] }, store).Threshold());

        Directory.Delete(Path.Combine(folder, Samples.Study.Baseline.Name), recursive: true);
        new MeasuredStudy(Samples.Study with { Seeds = [3] }, store).WriteStudy();
        Write(Samples.Study, 3, 0.5, 0.51);
        Assert.Equal(0.51, new MeasuredStudy(Samples.Study with { Seeds = [3] }, store).Threshold());
    }

    [Fact]
    public void A_trial_compares_its_data_with_the_first_record_that_can_be_read_and_a_study_with_all()
    {
        var study = Samples.Study with { Seeds = [1, 2, 3] };
        var measured = new MeasuredStudy(study, store);
        measured.RequireDataOfTheFirst("other");
        Write(study, 2, 0.5, 0.6);
        var here = store.Read($"{study.Baseline.Name}/seed-2")!;
        Assert.Contains(
            "seed-2: measured on other data than shapes holds now",
            Assert.Throws<ConfigurationException>(() => measured.RequireDataOfTheFirst("other")).Message,
            StringComparison.Ordinal
        );
        var elsewhere = Samples.Trial(study, study.Baseline, 3, 100, Date, null, 0.5, 0.6);
        store.Write(elsewhere.Record with { Dataset = elsewhere.Record.Dataset with { PackSha256 = "other" } }, elsewhere.Evaluations);
        var folderOfTheFirst = Directory.CreateDirectory(store.TrialFolder($"{study.Baseline.Name}/seed-1")).FullName;
        File.WriteAllText(Path.Combine(folderOfTheFirst, "record.json"), "no record");
        measured.RequireDataOfTheFirst(here.Record.Dataset.PackSha256);
        Assert.Throws<ConfigurationException>(() => measured.RequireData(here.Record.Dataset.PackSha256));
    }

    [Fact]
    public void A_baseline_with_a_trial_that_diverged_sets_no_target()
    {
        var study = Samples.Study with { Seeds = [1, 2] };
        var measured = new MeasuredStudy(study, store);
        Write(study, 1, 0.5, 0.6);
        Assert.Null(measured.FailedBaseline());
        var trial = Samples.Trial(study, study.Baseline, 2, 100, Date, null, 0.5, 0.6);
        store.Write(trial.Record with { Outcome = Outcome.Diverged }, trial.Evaluations);
        Assert.Equal(trial.Record.Id, measured.FailedBaseline()?.Record.Id);
        Assert.Null(measured.Threshold());
    }

    [Fact]
    public void A_scan_does_not_take_the_folder_of_a_study_of_its_name_nor_a_study_that_of_a_scan()
    {
        new MeasuredStudy(Samples.Study, store).WriteStudy();
        var scan = Samples.Study with { ScanOf = "other" };
        Assert.Contains(
            "holds a study and not the scan of other",
            Assert.Throws<ConfigurationException>(new MeasuredStudy(scan, store).WriteStudy).Message,
            StringComparison.Ordinal
        );
        File.Delete(store.StudyFile);
        new MeasuredStudy(scan, store).WriteStudy();
        Assert.Contains(
            "holds the scan of other and not this study",
            Assert.Throws<ConfigurationException>(new MeasuredStudy(Samples.Study, store).WriteStudy).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_baseline_that_diverged_sets_no_target()
    {
        Write(Samples.Study, 1, 0.5, 0.6);
        var diverged = Samples.Trial(Samples.Study, Samples.Study.Baseline, 2, 100, Date, null, 0.5, 0.6);
        store.Write(diverged.Record with { Outcome = Outcome.Diverged }, diverged.Evaluations);
        Assert.Null(new MeasuredStudy(Samples.Study, store).Threshold());
    }

    [Fact]
    public void A_given_target_needs_no_baseline()
    {
        var study = Samples.Study with { Target = new Target(Samples.Top1, 0.791, FromBaseline: false) };
        Assert.Equal(0.791, new MeasuredStudy(study, store).Threshold());
        Assert.False(study.RunsWithoutTarget(study.Baseline));
    }

    [Fact]
    public void A_trial_against_another_target_is_refused()
    {
        var entry = Samples.Study.Entries[1];
        var trial = Samples.Trial(Samples.Study, entry, 1, 20, Date, 0.5, 0.3, 0.6);
        store.Write(trial.Record, trial.Evaluations);
        var measured = new MeasuredStudy(Samples.Study, store);
        measured.RequireTarget(0.5);
        Assert.Contains(
            "another target",
            Assert.Throws<ConfigurationException>(() => measured.RequireTarget(0.51)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_cost_to_target_is_that_of_the_first_crossing_and_confirming_evaluations_are_not_charged()
    {
        // Reaches 0.5 at 3000 examples, falls below, is above for good from 5000, and goes on to 7000.
        var trial = Samples.Trial(Samples.Study, Samples.Study.Entries[1], 1, 20, Date, 0.5, 0.2, 0.4, 0.5, 0.45, 0.6, 0.6, 0.6);
        var cost = CostToTarget.Of(trial, 0.5, evaluation => evaluation.Ledger.Training.ToDouble())!;
        Assert.Equal((3.0 * 20 * 3000, true), (cost.Cost, cost.Reached));
        // Two evaluations lie before it: too few to place it.
        Assert.False(cost.Resolved);

        // First and sustained crossing by their evaluations, and the bracket: the crossing lies between 2000 and 3000 examples.
        var crossing = trial.Record.Crossing!;
        Assert.Equal(
            (2, 4, 2000L, 3000L, "180000"),
            (crossing.First, crossing.Sustained!.Value, crossing.BracketExamples, crossing.Examples, crossing.TrainingMacs.ToString())
        );
    }

    [Theory]
    [InlineData(4, false)]
    [InlineData(5, true)]
    public void Five_evaluations_before_the_crossing_resolve_it_and_four_do_not(int before, bool resolved)
    {
        double[] curve = [.. Enumerable.Repeat(0.3, before), 0.5];
        var trial = Samples.Trial(Samples.Study, Samples.Study.Entries[1], 1, 20, Date, 0.5, curve);
        Assert.Equal(resolved, CostToTarget.Of(trial, 0.5, _ => 1)!.Resolved);
    }

    [Fact]
    public void A_miss_costs_all_that_was_spent_and_a_diverged_trial_has_no_cost_even_where_it_crossed_first()
    {
        var missed = Samples.Trial(Samples.Study, Samples.Study.Entries[1], 1, 20, Date, 0.5, 0.2, 0.3, 0.4);
        Assert.Equal(
            new CostToTarget(3 * 20 * 3000, Reached: false, Resolved: true),
            CostToTarget.Of(missed, 0.5, evaluation => evaluation.Ledger.Training.ToDouble())
        );
        var diverged = Samples.Trial(Samples.Study, Samples.Study.Entries[1], 1, 20, Date, 0.5, 0.6);
        Assert.Null(CostToTarget.Of(diverged with { Record = diverged.Record with { Outcome = Outcome.Diverged } }, 0.5, _ => 1));
    }

    private void Write(Study study, int seed, params double[] curve)
    {
        var trial = Samples.Trial(study, study.Baseline, seed, 100, Date, null, curve);
        store.Write(trial.Record, trial.Evaluations);
    }
}
