using TorchSharp;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Pricing;
using TrainHarness.Training.Workloads;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Cli.Tests.Workloads;

/// <summary>The parity of some bits by two linear layers: a whole workload in one file, the worked example of docs/extending.md.</summary>
internal sealed class Parity : IWorkload
{
    private static readonly Metric Wrong = new()
    {
        Name = "wrong",
        Better = Better.Less,
        Unit = MetricUnit.Percent,
        Min = 0,
        Max = 1,
        Chance = 0.5,
    };

    public StudyVocabulary Vocabulary { get; } = new("parity", _ => [Wrong], ["narrow", "wide"]) { Settings = Settings.Fields };

    public IArchitecture Architecture(string name) => new TwoLayers(name, Width: name == "wide" ? 64 : 16);

    public IStudyData Data(Study study, string? path, string cacheFolder)
    {
        var bits = ((Settings)study.Settings).Bits;
        var rows = new DatasetRecord
        {
            Name = "bits",
            TrainExamples = 1 << bits,
            ValidationExamples = 1 << bits,
            Words = $"rows of {bits} bits",
            SourceSha256 = "drawn",
            PackSha256 = $"bits-{bits}",
        };
        return new DrawnData(rows, [Wrong], plan => Open(plan, bits));
    }

    private static TrainingTask Open(TrainingPlan plan, int bits)
    {
        random.manual_seed(unchecked((long)Seeds.For(plan.Trial.Seed, "weights")));
        var width = ((TwoLayers)plan.Architecture).Width;
        var network = Sequential(Linear(bits, width), Tanh(), Linear(width, 2)).to(plan.Device);
        var rows = new Rows(plan, bits);
        return new TrainingTask(network, rows, rows, new CrossEntropy(network), new Errors(network, rows, 1 << bits))
        {
            DataPath = "drawn",
        };
    }

    private sealed record Settings(int Bits) : IWorkloadSettings
    {
        public static Fields<Settings> Fields { get; } =
            new(
                new Settings(2),
                Field.Required(
                    "bits",
                    Kind.Whole(2, 16),
                    "Bits of a row.",
                    (Settings settings) => settings.Bits,
                    (settings, value) => settings with { Bits = value }
                )
            );

        public IReadOnlyDictionary<string, object?> Lines => Fields.Lines(this);
    }

    private sealed record TwoLayers(string Name, int Width) : IArchitecture
    {
        public DateOnly Published => new(1986, 10, Name == "wide" ? 9 : 8);

        public string Paper => "doi:10.1038/323533a0";

        public bool HasBatchNormalisation => false;
    }

    private sealed record Batch(Tensor Bits, Tensor Parities) : IBatch
    {
        public BatchShape Shape => new((int)Bits.shape[0]);

        public Macs Spent => Macs.Zero;

        public void Dispose()
        {
            Bits.Dispose();
            Parities.Dispose();
        }
    }

    private sealed class Rows(TrainingPlan plan, int bits) : IBatchSource, IBatchShapes, IForeseeable
    {
        private readonly int batchSize = plan.Recipe.BatchSize;

        public long Steps { get; } = ((long)plan.Recipe.Epochs << bits) / plan.Recipe.BatchSize;

        public IReadOnlyList<BatchShape> All => [ShapeAt(0)];

        public BatchShape ShapeAt(long taken) => new(batchSize);

        public IBatch Blank(BatchShape shape) => Of(new int[shape.Examples]);

        public IEnumerable<IBatch> From(long first)
        {
            for (var step = first; step < Steps; step++)
            {
                var draws = Seeds.Generator(plan.Trial.Seed, "rows", step);
                yield return Of([.. Enumerable.Range(0, batchSize).Select(_ => draws.Next(1 << bits))]);
            }
        }

        public Batch Of(int[] rows) =>
            new(
                tensor(
                        [.. rows.SelectMany(row => Enumerable.Range(0, bits).Select(bit => (float)((2 * ((row >> bit) & 1)) - 1)))],
                        rows.Length,
                        bits
                    )
                    .to(plan.Device),
                tensor(Array.ConvertAll(rows, row => (long)(int.PopCount(row) & 1))).to(plan.Device)
            );
    }

    private sealed class CrossEntropy(Module<Tensor, Tensor> network) : IObjective
    {
        public Tensor Loss(IBatch batch, Random random) =>
            functional.cross_entropy(network.call(((Batch)batch).Bits), ((Batch)batch).Parities);
    }

    private sealed class Errors(Module<Tensor, Tensor> network, Rows rows, int count) : IEvaluator
    {
        public IReadOnlyList<Metric> Metrics => [Wrong];

        public EvaluationResult Evaluate()
        {
            using var scope = NewDisposeScope();
            var all = rows.Of([.. Enumerable.Range(0, count)]);
            var spent = NetworkPricer.Price(network, all.Bits).Forward;
            using var noGradient = no_grad();
            var answers = network.call(all.Bits);
            var wrong = answers.argmax(1).ne(all.Parities).sum().ToInt64() / (double)count;
            return new EvaluationResult(
                functional.cross_entropy(answers, all.Parities).ToDouble(),
                new Dictionary<string, double> { ["wrong"] = wrong },
                spent
            );
        }
    }
}
