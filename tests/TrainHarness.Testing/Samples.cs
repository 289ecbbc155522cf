using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Testing;

/// <summary>Small hand-made studies and records.</summary>
internal static class Samples
{
    public static Recipe Recipe { get; } =
        new()
        {
            Name = "sgd-step6",
            Epochs = 6,
            BatchSize = 32,
            Optimizer = new SgdRule
            {
                Momentum = 0.9,
                Nesterov = false,
                WeightDecay = 1e-4,
            },
            Plain = new StartRule { LearningRate = 0.01, Initialisation = InitialWeights.He },
            BatchNormalised = new StartRule { LearningRate = 0.1, Initialisation = InitialWeights.Torchvision },
            Schedule = new SteppedSchedule(0.1, 3),
            WarmUpEpochs = 0,
            LabelSmoothing = 0,
            Augmentation = new AugmentationRule
            {
                CropScale = [0.25, 1],
                CropRatio = [0.75, 4 / 3.0],
                Flip = 0.5,
            },
            Precision = Precision.Fp32,
        };

    /// <summary>As image classification of ten classes has it.</summary>
    public static Metric Top1 { get; } =
        new()
        {
            Name = "top1",
            Better = Better.More,
            Unit = MetricUnit.Percent,
            Min = 0,
            Max = 1,
            Chance = 0.1,
        };

    public static Metric Top5 { get; } = Top1 with { Name = "top5", Chance = 0.5 };

    public static Metric Loss { get; } =
        new()
        {
            Name = "loss",
            Better = Better.Less,
            Unit = MetricUnit.Number,
            Min = 0,
            Chance = Math.Log(10),
        };

    public static ImageSettings Settings { get; } =
        new()
        {
            Dataset = new DatasetDescription
            {
                Name = "shapes",
                Kind = DatasetKind.Synthetic,
                Path = null,
                Mean = [0.5, 0.5, 0.5],
                StandardDeviation = [0.25, 0.25, 0.25],
                Synthetic = new SyntheticDescription
                {
                    Seed = 1,
                    Classes = 10,
                    TrainPerClass = 10,
                    ValidationPerClass = 5,
                },
            },
            Subset = Subset.Everything,
            ImageSize = 64,
            PackSize = 73,
        };

    public static Study Study { get; } =
        new()
        {
            Name = "sample",
            Settings = Settings,
            Target = new Target(Top1, null, FromBaseline: true),
            Baseline = Entry("alexnet", "sgd-step6"),
            Entries = [Entry("alexnet", "sgd-smooth6"), Entry("resnet18", "sgd-smooth6")],
            Seeds = [1, 2],
            Stop = StopRule.AtTarget,
            EvaluateEveryExamples = 1000,
            CheckpointEveryMinutes = 5,
            Threads = 2,
        };

    public static Entry Entry(string architecture, string recipe) =>
        new(
            $"{architecture}.{recipe}",
            architecture,
            Recipe with
            {
                Name = recipe,
                Schedule = recipe.Contains("smooth", StringComparison.Ordinal)
                    ? new SmoothedStepSchedule(0.1, 3)
                    : new SteppedSchedule(0.1, 3),
            },
            null
        );

    /// <summary>
    /// A trial with an evaluation every 1000 examples, of a network that costs <paramref name="macs"/> forward per example.
    /// </summary>
    public static TrialResult Trial(
        Study study,
        Entry entry,
        int seed,
        long macs,
        DateOnly published,
        double? threshold,
        params double[] curve
    )
    {
        var metric = study.Target.Metric;
        var evaluations = curve.Select((value, index) => Evaluation(index + 1, macs, metric, value)).ToList();
        var crossing = threshold is { } level ? Crossing.Find(curve, level, metric) : null;
        var record = new TrialRecord
        {
            Protocol = ProtocolVersion.Current,
            Study = study.Name,
            Id = new Trial(entry, seed).Id,
            Entry = entry.Name,
            Seed = seed,
            Architecture = new ArchitectureRecord(
                entry.Architecture,
                published,
                "arXiv:1404.5997",
                1234,
                new Macs((UInt128)macs),
                new Macs((UInt128)(3 * macs))
            ),
            Recipe = entry.Recipe,
            Start = entry.StartFor(hasBatchNormalisation: false),
            ConfigurationSha256 = TrialFingerprint.Of(study, entry),
            Outcome =
                threshold is null ? Outcome.Completed
                : crossing is null ? Outcome.Missed
                : Outcome.Reached,
            Metrics =
                metric == Top1 ? [Top1, Top5, Loss]
                : metric == Loss ? [Loss]
                : [metric, Loss],
            Target = new TargetRecord(metric.Name, threshold, FromBaseline: true),
            Crossing = CrossingRecord.From(crossing, evaluations),
            Ledger = evaluations[^1].Ledger,
            Steps = evaluations[^1].Step,
            Examples = evaluations[^1].Examples,
            Epochs = evaluations[^1].Epoch,
            Clocks = new ClockRecord(
                Math.Max(10, evaluations[^1].Seconds),
                2,
                1,
                DateTimeOffset.UnixEpoch,
                DateTimeOffset.UnixEpoch.AddSeconds(13)
            ),
            Joules = null,
            Dataset = new DatasetRecord
            {
                Name = "shapes",
                Classes = 10,
                TrainExamples = 100,
                ValidationExamples = 50,
                ImageSize = 64,
                PackSize = 73,
                SourceSha256 = "aa",
                PackSha256 = "bb",
            },
            Environment = new EnvironmentRecord
            {
                Device = "cpu",
                DeviceName = "A processor",
                Driver = null,
                Threads = 2,
                ProcessorCount = 2,
                OperatingSystem = "An operating system",
                Runtime = ".NET",
                TorchSharp = "0.107.0",
                Libtorch = "2.10.0",
                CodeVersion = "0.1.0",
                Precision = "fp32",
                Tf32 = null,
                NativePaths = ["fused-sgd"],
            },
            EvaluationsSha256 = "",
        };
        return new TrialResult(record, evaluations);
    }

    private static Evaluation Evaluation(int number, long macs, Metric metric, double value)
    {
        var forward = Macs.Product(macs, 1000, number);
        return new Evaluation
        {
            Step = 31 * number,
            Epoch = number * 0.5,
            Examples = 1000 * number,
            Ledger = new ComputeLedger(forward, forward, forward, new Macs(7)),
            Seconds = 1.5 * number,
            Joules = null,
            Loss = metric == Loss ? value : 2.3 / number,
            Metrics =
                metric == Loss ? []
                : metric == Top1 ? new() { ["top1"] = value, ["top5"] = Math.Min(1, 2 * value) }
                : new Dictionary<string, double> { [metric.Name] = value },
        };
    }
}
