using CsCheck;
using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Tests.Results;

public sealed class RecordPropertyTests : IDisposable
{
    private static readonly Gen<double> Duration = Gen.Double[0, 1e9];

    private static readonly Gen<Macs> Count = Gen.Select(Gen.ULong, Gen.ULong[0, 1 << 20], (low, high) => new Macs(((UInt128)high << 64) + low));

    private static readonly Gen<ComputeLedger> Ledger = Gen.Select(Count, Count, Count, Count, (a, b, c, d) => new ComputeLedger(a, b, c, d));

    private static readonly Gen<Evaluation> Evaluations = Gen.Select(Gen.Long[1, long.MaxValue], Ledger, Duration, Gen.Double[0, 1], Gen.Double[0, 1000], (step, ledger, seconds, metric, loss) => new Evaluation
    {
        Step = step,
        Epoch = step / 7.0,
        Examples = step,
        Ledger = ledger,
        Seconds = seconds,
        Joules = metric > 0.5 ? seconds : null,
        Loss = loss,
        Metrics = new Dictionary<string, double> { ["top1"] = metric, ["top5"] = 1 - metric },
    });

    // Each comes after the one before it.
    private static readonly Gen<IReadOnlyList<Evaluation>> Curves = Evaluations.List[0, 6].Select(evaluations => (IReadOnlyList<Evaluation>)[.. evaluations.Index().Select(pair => pair.Item with
    {
        Step = (pair.Index + 1) * 1_000,
        Examples = Rising(evaluations, pair.Index, evaluation => evaluation.Examples),
        Seconds = Rising(evaluations, pair.Index, evaluation => evaluation.Seconds),
        Ledger = evaluations.Take(pair.Index + 1).Select(evaluation => evaluation.Ledger).Aggregate(Sum),
    })]);

    private readonly string folder = Directory.CreateTempSubdirectory("trainharness-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Every_record_and_its_evaluations_read_back_as_they_were_written()
    {
        var study = Samples.Study;
        var sample = Samples.Trial(study, study.Baseline, 1, 100, new DateOnly(2012, 6, 1), null, 0.2).Record;
        var outcomes = Gen.OneOf(Outcome.Completed, Outcome.Reached, Outcome.Diverged);
        Gen.Select(outcomes, Curves, Ledger, Duration, Gen.DateTimeOffset, Gen.String, Gen.Bool).Sample(
            (outcome, evaluations, ledger, seconds, started, text, knows) =>
            {
                // With a target it is reached or not.
                double? threshold = outcome == Outcome.Reached ? 0.9 : null;
                var crossing = threshold is null ? null : CrossingRecord.From(Crossing.Find([.. evaluations.Select(evaluation => evaluation.Metrics["top1"])], 0.9), evaluations);
                var record = sample with
                {
                    Outcome = outcome == Outcome.Reached && crossing is null ? Outcome.Missed : outcome,
                    Crossing = crossing,
                    Divergence = outcome == Outcome.Diverged ? text : null,
                    // What came after the last evaluation.
                    Ledger = evaluations is [.., var last] ? Sum(last.Ledger, ledger) : ledger,
                    Steps = 1_000_000,
                    Examples = long.MaxValue,
                    Target = sample.Target with { Threshold = threshold },
                    Clocks = new ClockRecord(seconds, seconds / 7, seconds / 3, started, started.AddSeconds(-1)),
                    Environment = sample.Environment with { DeviceName = knows ? text : null, Driver = text },
                    WeightsSha256 = knows ? new string('a', 64) : null,
                };
                var store = new ResultStore(folder);
                store.Write(record, evaluations, ["top1", "top5"]);
                var read = store.Read(record.Id)!;
                Assert.Equal(ResultsJson.Write(record with { EvaluationsSha256 = "" }), ResultsJson.Write(read.Record with { EvaluationsSha256 = "" }));
                Assert.Equal(ResultsJson.Write(evaluations), ResultsJson.Write(read.Evaluations));
            },
            iter: 200,
            threads: 1);
    }

    private static T Rising<T>(IEnumerable<Evaluation> evaluations, int index, Func<Evaluation, T> of) => evaluations.Take(index + 1).Max(of)!;

    private static ComputeLedger Sum(ComputeLedger a, ComputeLedger b) => new(a.Forward + b.Forward, a.GradInput + b.GradInput, a.GradWeight + b.GradWeight, a.Evaluation + b.Evaluation);

    [Fact]
    public void A_record_that_is_cut_anywhere_is_one_line_and_never_another_record()
    {
        var study = Samples.Study;
        var trial = Samples.Trial(study, study.Baseline, 1, 100, new DateOnly(2012, 6, 1), null, 0.2, 0.4);
        var store = new ResultStore(folder);
        store.Write(trial.Record, trial.Evaluations, ["top1", "top5"]);
        var file = Path.Combine(store.TrialFolder(trial.Record.Id), "record.json");
        var whole = File.ReadAllText(file);
        Gen.Int[0, whole.TrimEnd().Length - 1].Sample(
            length =>
            {
                File.WriteAllText(file, whole[..length]);
                var error = Assert.Throws<ConfigurationException>(() => store.Read(trial.Record.Id));
                Assert.Contains("record.json", error.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', error.Message);
            },
            iter: 300,
            threads: 1);
    }
}
