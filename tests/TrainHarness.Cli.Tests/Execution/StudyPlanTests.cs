using System.Text.Json;
using TrainHarness.Cli.Execution;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training;
using TrainHarness.Training.Engine;

namespace TrainHarness.Cli.Tests.Execution;

// torch has one generator.
[Collection("torch")]
public sealed class StudyPlanTests : IDisposable
{
    private const string Networks = "resnet18.small, shufflenet_v2_x1_0.small, shufflenet_v2_x1_0.small.lr-0.01";

    private readonly WorkFolder folder = new();
    private readonly List<string> measured = [];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_pending_is_measured_in_turns_and_a_variant_not_at_all()
    {
        var plan = Plan(Study());
        // Three rounds; a learning rate changes no time.
        Assert.Equal(
            [
                "resnet18.small",
                "shufflenet_v2_x1_0.small",
                "resnet18.small",
                "shufflenet_v2_x1_0.small",
                "resnet18.small",
                "shufflenet_v2_x1_0.small",
            ],
            measured
        );
        Assert.Equal(3, plan.Trials.Count);
        Assert.Equal(plan.Trials[1].SecondsAtMost, plan.Trials[2].SecondsAtMost);
    }

    [Fact]
    public void What_is_done_is_not_measured_and_stands_with_what_it_took()
    {
        var study = Study();
        var done = Finish(study, study.Baseline);
        var plan = Plan(study);
        Assert.DoesNotContain("resnet18.small", measured);
        Assert.Equal(3, measured.Count);
        var first = plan.Trials[0];
        Assert.Equal(
            (true, done.Record.Examples, done.Record.Ledger.Training),
            (first.IsDone, first.ExamplesAtMost, first.TrainingMacsAtMost)
        );
        Assert.Equal(plan.Trials.Skip(1).Sum(trial => trial.SecondsAtMost!.Value), plan.SecondsAtMost!.Value, 9);
    }

    [Fact]
    public async Task A_study_that_is_done_is_planned_without_libtorch()
    {
        var study = Study();
        foreach (var entry in study.AllEntries)
            Finish(study, entry);
        (string, string)[] without = [("TRAINHARNESS_LIBTORCH", folder["nowhere"])];
        var run = await Trainharness.Run(folder.Path, without, ["study", "plan", "small"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("Nothing is pending: every trial is done", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("measuring", run.Output, StringComparison.Ordinal);
        var answer = JsonDocument
            .Parse((await Trainharness.Run(folder.Path, without, ["study", "plan", "small", "--json"])).Output)
            .RootElement;
        Assert.Equal(
            (0, 3),
            (
                answer.GetProperty("secondsAtMost").GetDouble(),
                answer.GetProperty("trials").EnumerateArray().Count(trial => trial.GetProperty("isDone").GetBoolean())
            )
        );
        // What can be no device is refused all the same.
        Assert.Equal(2, (await Trainharness.Run(folder.Path, without, ["study", "plan", "small", "--device", "gpu"])).ExitCode);
    }

    [Fact]
    public void A_busy_spell_puts_no_network_before_another()
    {
        // Three networks of 1, 2 and 3 seconds. From the middle of the second round on everything takes three times as long.
        IReadOnlyList<IReadOnlyList<TimedWork>> rounds = [Round(1, 2, 3), Round(1, 6, 9), Round(3, 6, 9)];
        var seconds = InTurns.Seconds(rounds, byProcessor: false);
        Assert.Equal(2, seconds[1] / seconds[0], 9);
        Assert.Equal(3, seconds[2] / seconds[0], 9);
    }

    [Fact]
    public void Where_others_take_the_processors_networks_are_compared_by_their_own_processor_time()
    {
        // The second network needs half of the first one's work; others struck it in every round.
        IReadOnlyList<IReadOnlyList<TimedWork>> rounds =
        [
            .. Enumerable.Repeat<IReadOnlyList<TimedWork>>([new(1, 2), new(3, 1)], InTurns.Rounds),
        ];
        var byClock = InTurns.Seconds(rounds, byProcessor: false);
        var byProcessor = InTurns.Seconds(rounds, byProcessor: true);
        Assert.Equal(3, byClock[1] / byClock[0], 9);
        Assert.Equal(0.5, byProcessor[1] / byProcessor[0], 9);
        // A system that does not say what a process spent is asked for the clock alone.
        Assert.Equal(
            [1.0, 3.0],
            InTurns
                .Seconds(
                    [
                        [new(1, 0), new(3, 0)],
                    ],
                    byProcessor: true
                )
                .Select(value => Math.Round(value, 9))
        );
    }

    [Fact]
    public void What_others_take_of_the_processors_that_may_be_used_is_read_from_the_system()
    {
        const string status = "Name:\ttrainharness\nCpus_allowed_list:\t0-1,3\n";
        // user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice; the third processor may not be used.
        const string before =
            "cpu  9 9 9 9 9 9 9 9 9 9\ncpu0 100 0 0 500 0 0 0 0 0 0\ncpu1 0 0 0 0 0 0 0 0 0 0\ncpu2 0 0 0 0 0 0 0 0 0 0\ncpu3 0 0 0 0 "
            + "0 0 0 0 0 0\nintr 1\n";
        const string after =
            "cpu  9 9 9 9 9 9 9 9 9 9\ncpu0 300 0 50 900 70 0 0 50 40 0\ncpu1 100 0 0 0 0 0 0 0 0 0\ncpu2 999 0 0 0 0 0 0 0 0 0\ncpu3 "
            + "0 0 0 0 0 0 0 0 0 0\nintr 1\n";
        var (first, second) = (ProcessorUse.Read(before, status, own: 5), ProcessorUse.Read(after, status, own: 6));
        // 400 hundredths of a second in two seconds, one second of them this process's own.
        Assert.Equal(1.5, ProcessorUse.TakenByOthers(first, second, seconds: 2));
        Assert.Null(ProcessorUse.Read("something", status, own: 0));
        Assert.Null(ProcessorUse.Read(before, "something", own: 0));
        Assert.Null(ProcessorUse.TakenByOthers(null, second, seconds: 2));
    }

    [Theory]
    [InlineData(0.1, 2, 2, false)]
    [InlineData(0.5, 2, 2, true)]
    [InlineData(30.0, 2, 64, false)]
    [InlineData(63.0, 2, 64, true)]
    [InlineData(null, 2, 2, false)]
    public void A_machine_is_busy_where_what_is_left_is_less_than_a_measurement_asks_for(
        double? others,
        int threads,
        int processors,
        bool isBusy
    ) => Assert.Equal(isBusy, ProcessorUse.IsBusy(others, threads, processors));

    private static TimedWork[] Round(params double[] seconds) => [.. seconds.Select(value => new TimedWork(value, value))];

    private Study Study()
    {
        folder.Write(
            "configs/studies/small.yaml",
            WorkFolder.Study.Replace(
                "entries: [ shufflenet_v2_x1_0.small ]",
                $"entries: [ {Networks[(Networks.IndexOf(',', StringComparison.Ordinal) + 1)..]} ]",
                StringComparison.Ordinal
            )
        );
        return StudyReader.Read(folder["configs/studies/small.yaml"], WorkloadCatalog.Shipped.Vocabularies);
    }

    private ResultStore Store => new(folder["results/small"]);

    private TrialResult Finish(Study study, Entry entry)
    {
        var isBaseline = entry == study.Baseline;
        var trial = Samples.Trial(study, entry, 1, 100, new DateOnly(2015, 12, 10), isBaseline ? null : 0.5, 0.2, 0.4, 0.5);
        Store.Write(trial.Record, trial.Evaluations);
        return trial;
    }

    private StudyPlan Plan(Study study) =>
        StudyPlan.Of(
            WorkloadCatalog.Shipped.Of(study),
            study,
            Store,
            new StudyRequest("plan", folder["configs/studies/small.yaml"], "cpu", null, folder["results"], 1),
            TextWriter.Null,
            (plan, _) =>
            {
                measured.Add(plan.Trial.Entry.Name);
                return new StepSample(new TimedWork(1, 1), new TimedWork(1, 1), EvaluatedPart: 1);
            }
        );
}
