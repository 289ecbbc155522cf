using System.Security.Cryptography;
using System.Text;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Testing;

/// <summary>
/// Results folders of any size, made from a seed: every trial learns along an exponential whose speed differs from entry to entry and a
/// little from seed to seed.
/// </summary>
internal sealed record SyntheticStudy(int Entries, int Seeds, int Evaluations)
{
    private const double Best = 0.9;
    private const double Chance = 0.1;
    private const long MacsPerExample = 1_000_000;

    /// <summary>Name of the study; goes through every text of the report.</summary>
    public string Name { get; init; } = "synthetic";

    /// <summary>The metric to reach; the default is reached by most trials, and by the baseline late.</summary>
    public double Threshold { get; init; } = 0.7;

    /// <summary>Joules per second of training; null where energy was not measured.</summary>
    public double? Watts { get; init; } = 250;

    /// <summary>Name of the device of a trial, by its number.</summary>
    public Func<int, string> Device { get; init; } = _ => "A processor";

    public Study Study =>
        Samples.Study with
        {
            Name = Name,
            Target = new Target(Samples.Top1, Threshold, FromBaseline: true),
            Entries = [.. Enumerable.Range(1, Entries - 1).Select(number => Samples.Entry($"network{number}", "sgd-smooth6"))],
            Seeds = [.. Enumerable.Range(1, Seeds)],
        };

    public Dictionary<string, IReadOnlyList<TrialResult>> Results()
    {
        var study = Study;
        return study.AllEntries.Index().ToDictionary(pair => pair.Item.Name, pair => TrialsOf(study, pair.Item, pair.Index));
    }

    /// <summary>Writes the folder as a finished study leaves it.</summary>
    public void WriteTo(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "study.yaml"), StudyWriter.ToYaml(Study));
        Parallel.ForEach(Results().Values.SelectMany(trials => trials), trial =>
        {
            // Not ResultStore.Write, which waits for the disk at every file.
            var trialFolder = Directory.CreateDirectory(new ResultStore(folder).TrialFolder(trial.Record.Id)).FullName;
            var csv = EvaluationTable.ToCsv(trial.Evaluations, ["top1"]);
            var record = trial.Record with { EvaluationsSha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(csv))) };
            File.WriteAllText(Path.Combine(trialFolder, "evaluations.csv"), csv);
            File.WriteAllText(Path.Combine(trialFolder, "record.json"), ResultsJson.Write(record));
        });
    }

    private IReadOnlyList<TrialResult> TrialsOf(Study study, Entry entry, int number)
    {
        var sample = Samples
            .Trial(
                study,
                entry,
                1,
                MacsPerExample,
                new DateOnly(2012, 6, 1).AddDays(number * 4000 / Entries),
                number == 0 ? null : Threshold,
                0.5
            )
            .Record;
        return [.. study.Seeds.Select(seed => Trial(study, entry, number, seed, sample))];
    }

    private TrialResult Trial(Study study, Entry entry, int number, int seed, TrialRecord sample)
    {
        var random = new Random((number * 100_003) + seed);
        // Later entries learn faster, by and large; the spread over seeds is a tenth.
        var speed = Math.Exp((3.0 * number / Entries) + (0.6 * Math.Sin(number)) + (0.1 * (random.NextDouble() - 0.5)));
        var evaluations = Enumerable.Range(1, Evaluations).Select(index => EvaluationAt(index, study, speed)).ToList();
        var crossing = Crossing.Find(evaluations.ConvertAll(evaluation => evaluation.Metrics["top1"]), Threshold, Samples.Top1);
        var isBaseline = number == 0;
        if (crossing is not null && !isBaseline)
            evaluations = [.. evaluations.Take(crossing.First + 3)];
        var last = evaluations[^1];
        var record = sample with
        {
            Id = new Trial(entry, seed).Id,
            Seed = seed,
            Metrics = [Samples.Top1, Samples.Loss],
            Outcome =
                isBaseline ? Outcome.Completed
                : crossing is null ? Outcome.Missed
                : Outcome.Reached,
            Crossing = isBaseline ? null : CrossingRecord.From(crossing, evaluations),
            Ledger = last.Ledger,
            Steps = last.Step,
            Examples = last.Examples,
            Epochs = last.Epoch,
            Clocks = sample.Clocks with { TrainingSeconds = last.Seconds },
            Joules = last.Joules,
            Environment = sample.Environment with { DeviceName = Device(number) },
        };
        return new TrialResult(record, evaluations);
    }

    private Evaluation EvaluationAt(int index, Study study, double speed)
    {
        var examples = (long)index * study.EvaluateEveryExamples;
        var forward = Macs.Product(MacsPerExample, examples);
        var seconds = examples / 500.0;
        // The slowest, the baseline, passes 70 % after two thirds of its schedule.
        var learned = 1 - Math.Exp(-2.1 * speed * index / Evaluations);
        return new Evaluation
        {
            Step = examples / 32,
            Epoch = 6.0 * index / Evaluations,
            Examples = examples,
            Ledger = new ComputeLedger(forward, forward, forward, new Macs(7)),
            Seconds = seconds,
            Joules = Watts * seconds,
            Loss = 2.3 * (1 - learned) + 0.1,
            Metrics = new Dictionary<string, double> { ["top1"] = Chance + ((Best - Chance) * learned) },
        };
    }
}
