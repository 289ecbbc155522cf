namespace TrainHarness.Cli.Tests;

/// <summary>A folder with a small study in it, which goes away with the test.</summary>
internal sealed class WorkFolder : IDisposable
{
    public const string Study = """
        name: small
        dataset: shapes
        imageSize: 32
        packSize: 32
        target: { metric: top1, from: baseline }
        baseline: resnet18.small
        entries: [ shufflenet_v2_x1_0.small ]
        seeds: [1]
        stop: at-target
        evaluateEveryExamples: 60
        checkpointEveryMinutes: 5
        threads: 2
        """;

    /// <summary>The same with a smaller baseline, on one thread: two of a process that share a busy core wait for each other.</summary>
    public static readonly string QuickStudy = Study
        .Replace("resnet18.small", "squeezenet1_1.small", StringComparison.Ordinal)
        .Replace("threads: 2", "threads: 1", StringComparison.Ordinal);

    private const string Recipe = """
        epochs: 2
        batchSize: 16
        optimizer: { kind: sgd, momentum: 0.9, nesterov: false, weightDecay: 1.0e-4 }
        plain: { learningRate: 0.01, initialisation: he }
        batchNormalised: { learningRate: 0.02, initialisation: torchvision }
        schedule: { kind: cosine }
        warmUpEpochs: 0
        labelSmoothing: 0
        augmentation: { cropScale: [0.5, 1], cropRatio: [0.75, 1.3333], flip: 0.5 }
        precision: fp32
        """;

    private const string Dataset = """
        kind: synthetic
        seed: 1
        classes: 3
        trainPerClass: 40
        validationPerClass: 10
        mean: [0.5, 0.5, 0.5]
        standardDeviation: [0.25, 0.25, 0.25]
        """;

    public WorkFolder()
    {
        Write("configs/recipes/small.yaml", Recipe);
        Write("configs/datasets/shapes.yaml", Dataset);
        Write("configs/datasets/pictures.yaml", "kind: image-folder\nmean: [0.5, 0.5, 0.5]\nstandardDeviation: [0.25, 0.25, 0.25]\n");
        Write("configs/studies/small.yaml", Study);
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("trainharness-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Write(string name, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        File.WriteAllText(this[name], text);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
