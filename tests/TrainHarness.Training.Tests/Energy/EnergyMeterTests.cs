using TrainHarness.Training.Energy;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Tests.Checkpoints;
using TrainHarness.Training.Tests.Engine;
using TrainHarness.Training.Workloads.ImageClassification;

namespace TrainHarness.Training.Tests.Energy;

public sealed class EnergyMeterTests : IDisposable
{
    // What a package of a desktop processor says: 262 kJ, in microjoules.
    private const string Range = "262143328850";

    private readonly TemporaryFolder folder = new();
    private readonly SteadyTime time = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Only_the_energy_between_a_start_and_a_stop_counts()
    {
        Zone("intel-rapl:0", "package-0", "1000000");
        var meter = new EnergyMeter(Counter(), time);
        Assert.Equal(0, meter.Joules);
        meter.Start();
        Energy("intel-rapl:0", "3500000");
        meter.Stop();
        Energy("intel-rapl:0", "9000000");
        meter.Stop();
        meter.Start();
        Energy("intel-rapl:0", "9250000");
        meter.Stop();
        Assert.Equal(2.75, meter.Joules!.Value, 9);
        Assert.Equal("rapl: 1 processor package, all that the machine runs", meter.Covers);
    }

    [Fact]
    public void Energy_that_was_forgotten_stays_unknown()
    {
        Zone("intel-rapl:0", "package-0", "1000000");
        var meter = new EnergyMeter(Counter(), time);
        meter.Start();
        Energy("intel-rapl:0", "3500000");
        meter.Forget();
        meter.Stop();
        meter.Start();
        Energy("intel-rapl:0", "9500000");
        meter.Stop();
        Assert.Null(meter.Joules);
        Assert.NotNull(meter.Covers);
    }

    [Fact]
    public void A_counter_that_begins_again_goes_on_counting()
    {
        Zone("intel-rapl:0", "package-0", "262143000000");
        var meter = new EnergyMeter(Counter(), time);
        meter.Start();
        Energy("intel-rapl:0", "671150");
        meter.Stop();
        Assert.Equal(1, meter.Joules!.Value, 9);
    }

    [Fact]
    public void Packages_add_up_and_their_parts_are_not_counted_twice()
    {
        Zone("intel-rapl:0", "package-0", "0");
        Zone("intel-rapl:0:0", "core", "0");
        Zone("intel-rapl:1", "package-1", "0");
        Zone("intel-rapl:2", "psys", "0");
        Zone("intel-rapl-mmio:0", "package-0", "0");
        var meter = new EnergyMeter(Counter(), time);
        meter.Start();
        foreach (var zone in (string[])["intel-rapl:0", "intel-rapl:0:0", "intel-rapl:1", "intel-rapl:2", "intel-rapl-mmio:0"])
            Energy(zone, "2000000");
        meter.Stop();
        Assert.Equal(4, meter.Joules!.Value, 9);
        Assert.Equal("rapl: 2 processor packages, all that the machine runs", meter.Covers);
    }

    [Fact]
    public void A_long_stretch_is_sampled_and_one_in_which_the_counter_may_have_gone_round_twice_is_not_known()
    {
        Zone("intel-rapl:0", "package-0", "0");
        var meter = new EnergyMeter(Counter(), time);
        meter.Start();
        // 200 kJ in each of three stretches: more than the range in all.
        foreach (var joules in (string[])["200000000000", "137856671150", "75713342300"])
        {
            time.Pass(TimeSpan.FromMinutes(4));
            Energy("intel-rapl:0", joules);
            meter.Sample();
        }

        Assert.Equal(600_000, meter.Joules!.Value, 6);
        time.Pass(TimeSpan.FromMinutes(5));
        meter.Stop();
        Assert.Null(meter.Joules);
        meter.Start();
        meter.Stop();
        Assert.Null(meter.Joules);
    }

    [Fact]
    public void A_counter_that_this_user_may_not_read_is_said_and_nothing_is_guessed()
    {
        Zone("intel-rapl:0", "package-0", "0");
        Zone("intel-rapl:1", "package-1", "0");
        var energy = folder["intel-rapl:1/energy_uj"];
        File.Delete(energy);
        // A folder cannot be read as a file, whoever asks; permissions do not bind root.
        Directory.CreateDirectory(energy);
        var (counter, found) = PowerCap.Find(folder.Path);
        Assert.Null(counter);
        Assert.Equal($"not measured: {energy} may not be read by this user", found);
        var meter = new EnergyMeter(counter, time);
        meter.Start();
        meter.Sample();
        meter.Stop();
        Assert.Equal((null, null), (meter.Joules, meter.Covers));
    }

    [Fact]
    public void A_machine_without_counters_is_said_to_have_none()
    {
        Assert.Equal($"not measured: no processor package in {folder.Path}", PowerCap.Find(folder.Path).Found);
        Assert.Equal($"not measured: no {folder["none"]}", PowerCap.Find(folder["none"]).Found);
    }

    [Fact]
    public void Energy_that_cannot_be_read_any_more_is_not_known_from_there_on()
    {
        Zone("intel-rapl:0", "package-0", "0");
        var meter = new EnergyMeter(Counter(), time);
        meter.Start();
        File.Delete(folder["intel-rapl:0/energy_uj"]);
        meter.Stop();
        Energy("intel-rapl:0", "5000000");
        meter.Start();
        meter.Stop();
        Assert.Null(meter.Joules);
        Assert.Equal("rapl: 1 processor package, all that the machine runs", meter.Covers);
    }

    [Fact]
    public void Every_evaluation_of_a_trial_says_the_energy_up_to_it_and_a_resumed_trial_goes_on_counting()
    {
        // Two joules a look: whatever the machine, a trial's joules are twice the number of times that training was measured.
        double stands = 0;
        var counter = new EnergyCounter("test: a counter", [new EnergyDomain(() => stands += 2, Range: null)]);
        var plan = Trials.Plan(threshold: null) with { Architecture = SmallNetwork.Architecture, Energy = counter };
        using var pack = Trials.Pack(folder);
        var whole = TrainingLoop.Run(plan, ImageTask.On(pack), progress: null, TestContext.Current.CancellationToken);
        Assert.Equal("test: a counter", whole.EnergyMeter);
        Assert.Equal(
            whole.Evaluations.Select((_, index) => 2.0 * (index + 1)),
            whole.Evaluations.Select(evaluation => evaluation.Joules!.Value)
        );

        var trial = new Interruption(plan, pack, folder["results"]);
        Assert.Null(trial.Run(steps: 3));
        stands += 1_000;
        var resumed = trial.Finish();
        // A stretch to each of three checkpoints more than to the evaluations alone; the thousand between is in none.
        Assert.InRange(resumed.Joules!.Value, whole.Joules!.Value + 2, whole.Joules.Value + 8);
        Assert.Equal(
            resumed.Evaluations.Select(evaluation => evaluation.Joules).Order(),
            resumed.Evaluations.Select(evaluation => evaluation.Joules)
        );
    }

    [Fact]
    public void A_trial_that_goes_on_without_its_meter_or_with_another_has_no_joules_and_says_so()
    {
        double stands = 0;
        var plan = Trials.Plan(threshold: null) with { Architecture = SmallNetwork.Architecture };
        var measured = plan with { Energy = new EnergyCounter("test: a counter", [new EnergyDomain(() => stands += 2, Range: null)]) };
        using var pack = Trials.Pack(folder);
        AssertUnknown(measured, plan, "its energy is not known from here on: what measured it before (test: a counter) cannot be read");
        AssertUnknown(
            measured,
            plan with
            {
                Energy = measured.Energy! with { Covers = "test: another" },
            },
            "its energy is not known from here on: another meter measured it before (test: a counter; now test: another)"
        );
        AssertUnknown(plan, measured, "its energy is not known: what came before was not measured");

        void AssertUnknown(TrainingPlan before, TrainingPlan after, string expected)
        {
            var results = folder[Guid.NewGuid().ToString("N")];
            Assert.Null(new Interruption(before, pack, results).Run(steps: 3));
            var trial = new Interruption(after, pack, results);
            var result = trial.Finish();
            Assert.Contains(expected, trial.Told);
            Assert.Null(result.Joules);
            Assert.Null(result.Evaluations[^1].Joules);
            Assert.Equal(before.Energy?.Covers, result.EnergyMeter);
        }
    }

    private EnergyCounter Counter() => PowerCap.Find(folder.Path).Counter!;

    private void Zone(string zone, string name, string energy)
    {
        Directory.CreateDirectory(folder[zone]);
        File.WriteAllText(folder[$"{zone}/name"], name + "\n");
        File.WriteAllText(folder[$"{zone}/max_energy_range_uj"], Range + "\n");
        Energy(zone, energy);
    }

    private void Energy(string zone, string microjoules) => File.WriteAllText(folder[$"{zone}/energy_uj"], microjoules + "\n");

    private sealed class SteadyTime : TimeProvider
    {
        private long now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        public void Pass(TimeSpan duration) => now += duration.Ticks;
    }
}
