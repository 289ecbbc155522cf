using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Reports;
using TrainHarness.Reports.Sections;
using TrainHarness.Results;

namespace TrainHarness.Tests.Reports;

/// <summary>What the compute was spent on, where some of it made the training data.</summary>
public sealed class SharesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("trainharness-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Generation_its_parts_and_training_add_up_to_the_whole()
    {
        var store = new ResultStore(folder);
        var study = Samples.Study with { Seeds = [1], Target = new Target(Samples.Top1, 0.5, FromBaseline: false) };
        var trial = Samples.Trial(study, study.Baseline, 1, 100, new DateOnly(2012, 6, 1), 0.5, 0.2, 0.55, 0.6);
        store.Write(trial.Record, trial.Evaluations);
        new MeasuredStudy(study, store).WriteStudy();
        var analysed = StudyReport.Read(store).Analysed;
        Assert.Null(ShareSection.Parts(analysed));

        // Of 100 to the target, the second of three evaluations: games 74, of which the gate took a quarter; 10 forward, 16 backward.
        var gate = Samples.Top5 with { Name = "gatePart", PartOf = Metric.OfGeneration };
        var spent = new ComputeLedger(new Macs(10), new Macs(7), new Macs(9), new Macs(3)) { Generation = new Macs(74) };
        var played = trial with
        {
            Record = trial.Record with { Metrics = [.. trial.Record.Metrics!, gate] },
            Evaluations =
            [
                trial.Evaluations[0],
                trial.Evaluations[1] with
                {
                    Ledger = spent,
                    Metrics = new Dictionary<string, double> { ["gatePart"] = 0.25, ["top1"] = 0.55 },
                },
                trial.Evaluations[2],
            ],
        };
        var results = analysed.Results.ToDictionary(entry => entry.Key, entry => entry.Value);
        results[study.Baseline.Name] = [played];
        var table = ShareSection.Parts(analysed with { Results = results })!.Select(part => part.Table).Single(part => part is not null)!;
        Assert.Equal(["entry", "generation", "gatePart", "forward", "backward"], table.Columns.Select(column => column.Header));
        // Of a baseline that ran on, what it spent until it was at the target counts, as of every other entry.
        results[study.Baseline.Name] = [played with { Record = played.Record with { Outcome = Outcome.Completed, Crossing = null } }];
        var same = ShareSection.Parts(analysed with { Results = results })!.Select(part => part.Table).Single(part => part is not null)!;
        Assert.Equal(table.Rows.Single(), same.Rows.Single());
        Assert.Equal([study.Baseline.Name, "55.5 %", "18.5 %", "10.0 %", "16.0 %"], table.Rows.Single().Select(cell => cell.Text));
    }
}
