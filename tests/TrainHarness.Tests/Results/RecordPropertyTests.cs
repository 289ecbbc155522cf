using CsCheck;
using TrainHarness.Files;
using TrainHarness.Results;

namespace TrainHarness.Tests.Results;

public sealed class RecordPropertyTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("trainharness-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Every_record_and_its_evaluations_read_back_as_they_were_written()
    {
        var study = Samples.Study;
        var sample = Samples.Trial(study, study.Baseline, 1, 100, new DateOnly(2012, 6, 1), null, 0.2).Record;
        var outcomes = Gen.OneOf(Outcome.Completed, Outcome.Reached, Outcome.Diverged);
        Gen.Select(
                outcomes,
                DrawnEvaluations.Curve,
                DrawnEvaluations.Ledger,
                DrawnEvaluations.Duration,
                Gen.DateTimeOffset,
                Gen.String.Select(drawn => string.Concat(drawn.Where(letter => !char.IsControl(letter)))),
                Gen.Bool
            )
            .Sample(
                (outcome, evaluations, ledger, seconds, started, text, knows) =>
                {
                    // With a target it is reached or not.
                    double? threshold = outcome == Outcome.Reached ? 0.9 : null;
                    var crossing = threshold is null
                        ? null
                        : CrossingRecord.From(
                            Crossing.Find([.. evaluations.Select(evaluation => evaluation.Metrics["top1"])], 0.9, Samples.Top1),
                            evaluations
                        );
                    var record = sample with
                    {
                        Outcome = outcome == Outcome.Reached && crossing is null ? Outcome.Missed : outcome,
                        Crossing = crossing,
                        Divergence = outcome == Outcome.Diverged ? text : null,
                        Ledger = DrawnEvaluations.After(evaluations, ledger),
                        Steps = 1_000_000,
                        Examples = long.MaxValue,
                        Target = sample.Target with { Threshold = threshold },
                        Clocks = new ClockRecord(
                            seconds + (evaluations is [.., var last] ? last.Seconds : 0),
                            seconds / 7,
                            seconds / 3,
                            started,
                            started.AddSeconds(-1)
                        ),
                        Environment = sample.Environment with { DeviceName = knows ? text : null, Driver = text },
                        WeightsSha256 = knows ? new string('a', 64) : null,
                    };
                    var store = new ResultStore(folder);
                    store.Write(record, evaluations);
                    var read = store.Read(record.Id)!;
                    Assert.Equal(
                        ResultsJson.Write(record with { EvaluationsSha256 = "" }),
                        ResultsJson.Write(read.Record with { EvaluationsSha256 = "" })
                    );
                    Assert.Equal(ResultsJson.Write(evaluations), ResultsJson.Write(read.Evaluations));
                },
                iter: 200,
                threads: 1
            );
    }

    [Fact]
    public void A_record_that_is_cut_anywhere_is_one_line_and_never_another_record()
    {
        var study = Samples.Study;
        var trial = Samples.Trial(study, study.Baseline, 1, 100, new DateOnly(2012, 6, 1), null, 0.2, 0.4);
        var store = new ResultStore(folder);
        store.Write(trial.Record, trial.Evaluations);
        var file = Path.Combine(store.TrialFolder(trial.Record.Id), "record.json");
        var whole = File.ReadAllText(file);
        Gen.Int[0, whole.TrimEnd().Length - 1]
            .Sample(
                length =>
                {
                    File.WriteAllText(file, whole[..length]);
                    var error = Assert.Throws<ConfigurationException>(() => store.Read(trial.Record.Id));
                    Assert.Contains("record.json", error.Message, StringComparison.Ordinal);
                    Assert.DoesNotContain('\n', error.Message);
                },
                iter: 300,
                threads: 1
            );
    }
}
