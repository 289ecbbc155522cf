using System.Text.Json;
using TrainHarness.Results;

namespace TrainHarness.Cli.Tests.Workloads;

/// <summary>
/// Networks that are one file of somebody's own, by the program itself: from docs/examples, from the template, and bad ones.
/// </summary>
public sealed class OwnArchitectureTests : IDisposable
{
    private const string Small = """
        using TorchSharp;
        using TorchSharp.Modules;
        using static TorchSharp.torch;
        using static TorchSharp.torch.nn;

        public sealed class Small : Module<Tensor, Tensor>
        {
            private readonly Linear head;

            public Small(int classes) : base("Small")
            {
                head = Linear(3 * 16, classes);
                RegisterComponents();
            }

            public override Tensor forward(Tensor input) => head.call(functional.adaptive_avg_pool2d(input, 4).flatten(1));
        }
        """;

    private static readonly string QuickStudy = WorkFolder.QuickStudy.Replace(
        "[ shufflenet_v2_x1_0.small ]",
        "[ { architecture: ../../Small.cs, recipe: small } ]",
        StringComparison.Ordinal
    );

    private readonly WorkFolder folder = new();

    public OwnArchitectureTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "operators are seen on Linux alone");

    public void Dispose() => folder.Dispose();

    // The papers print 2.9 M and 425 M (by a counter that adds two for each element of a batch normalisation), 3.9 M and 0.34 G, 3.7 M and
    // 0.55 G.
    [Theory]
    [InlineData("StarNet", 2_869_168, 421_877_376)]
    [InlineData("FasterNet", 3_905_500, 335_422_720)]
    [InlineData("ConvNeXtV2", 3_708_400, 547_332_480)]
    public async Task Networks_of_2023_and_later_have_the_counts_of_their_papers(string name, long parameters, long forward)
    {
        var run = await Trainharness.Run(
            folder.Path,
            "flops",
            Path.Combine(Trainharness.Repository, "docs", "examples", $"{name}.cs"),
            "--json"
        );
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var answer = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal(
            (name, parameters, forward),
            (
                answer.GetProperty("architecture").GetString(),
                answer.GetProperty("parameters").GetInt64(),
                answer.GetProperty("forwardMacs").GetInt64()
            )
        );
    }

    [Fact]
    public async Task The_template_works_from_the_first_command_on()
    {
        var made = await Trainharness.Run(folder.Path, "new", "architecture", "MyNet");
        Assert.Equal((0, ""), (made.ExitCode, made.Error));
        var flops = await Trainharness.Run(folder.Path, "flops", "./MyNet.cs", "--image-size", "64", "--classes", "10", "--layers");
        Assert.True(flops.ExitCode == 0, flops.Error);
        Assert.Contains("features.3.layers.0", flops.Output, StringComparison.Ordinal);
        // Fewer and smaller images, one epoch: the rest is as it was written.
        folder.Write(
            "MyNet.yaml",
            File.ReadAllText(folder["MyNet.yaml"])
                .Replace("dataset: synthetic-shapes", "dataset: shapes", StringComparison.Ordinal)
                .Replace("sgd-step3", "small", StringComparison.Ordinal)
                .Replace("sgd-smooth3", "small", StringComparison.Ordinal)
                .Replace("alexnet.small\nentries:\n  - alexnet.small\n", "squeezenet1_1.small\nentries:\n", StringComparison.Ordinal)
                .Replace("evaluateEveryExamples: 150", "evaluateEveryExamples: 60", StringComparison.Ordinal)
        );
        var trained = await Trainharness.Run(folder.Path, "study", "run", "./MyNet.yaml", "--device", "cpu", "--json");
        Assert.True(trained.ExitCode == 0, trained.Error);
        Assert.Contains(JsonDocument.Parse(trained.Output).RootElement.GetProperty("entries").EnumerateArray(), entry =>
            entry.GetProperty("entry").GetString() == "MyNet.small"
        );
        var again = await Trainharness.Run(folder.Path, "new", "architecture", "MyNet");
        Assert.Equal(
            (2, "NAME: MyNet.cs is there already; allowed: another name, or another folder."),
            (again.ExitCode, again.Error.Trim())
        );
    }

    [Fact]
    public async Task A_study_trains_it_beside_the_baseline_and_keeps_its_source()
    {
        folder.Write("Small.cs", Small);
        folder.Write("configs/studies/own.yaml", QuickStudy);
        string[] run = ["study", "run", "configs/studies/own.yaml", "--device", "cpu"];
        var first = await Trainharness.Run(folder.Path, run);
        Assert.True(first.ExitCode == 0, first.Error);

        var store = new ResultStore(folder["results/small"]);
        var record = store.Read("Small.small/seed-1")!.Record;
        var sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(folder["Small.cs"])));
        Assert.Equal((sha256, null, null), (record.Architecture.SourceSha256, record.Architecture.Published, record.Architecture.Paper));
        // 48 inputs for each of 3 classes.
        Assert.Equal(144, (long)record.Architecture.ForwardMacs.Count);
        Assert.Equal(Small, File.ReadAllText(folder["results/small/sources/Small.cs.txt"]));
        var resolved = File.ReadAllText(folder["results/small/study.yaml"]);
        Assert.Contains($"sources:\n  Small: {sha256}\n", resolved, StringComparison.Ordinal);
        Assert.DoesNotContain("Small.cs", resolved, StringComparison.Ordinal);
        var report = await Trainharness.Run(folder.Path, "report", "results/small");
        Assert.True(report.ExitCode == 0, report.Error);

        // The same name, another network: no second trial of the same entry.
        folder.Write("Small.cs", Small + "// changed\n");
        var changed = await Trainharness.Run(folder.Path, run);
        Assert.Equal(2, changed.ExitCode);
        Assert.Contains("measured under other rules than the study has now", changed.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("return head.call(", "return hed.call(", "Small.cs:16:59: CS0103: The name 'hed' does not exist in the current context")]
    [InlineData(
        "public Small(int",
        "internal Small(int",
        "Small.cs: holds no class derived from Module<Tensor, Tensor> with a public constructor that takes an int"
    )]
    [InlineData(
        ".flatten(1)",
        ".flatten(1).matmul(ones(48, 48))",
        "Small.cs: 'Small' (Small) multiplies 4608 times in the forward pass by its operators, and is counted with 0 (aten::mm [2,48] "
            + "[48,48] = 4608)."
    )]
    [InlineData("head.call(", "head.forward(", "never ran, or ran where no hook sees it (by forward instead of call")]
    [InlineData("classes);", "classes + 1);", "Small.cs: of 2 images Small makes [2, 11]; expected: [2, 10], a number for each class.")]
    [InlineData(
        "head = Linear",
        "throw new InvalidOperationException(\"no\"); head = Linear",
        "Small.cs:12: InvalidOperationException: no"
    )]
    [InlineData("head = Linear", "head = null!; _ = head.bias!.numel(); head = Linear", "Small.cs:12: NullReferenceException: ")]
    public async Task What_is_wrong_with_it_is_one_line_and_exit_2_before_anything_is_written(string from, string to, string expected)
    {
        var source = Small
            .Replace("=> head.call(", "{ return head.call(", StringComparison.Ordinal)
            .Replace(".flatten(1));", ".flatten(1)); }", StringComparison.Ordinal);
        folder.Write("Small.cs", source.Replace(from, to, StringComparison.Ordinal));
        folder.Write("configs/studies/own.yaml", QuickStudy);
        var run = await Trainharness.Run(folder.Path, "study", "run", "configs/studies/own.yaml", "--device", "cpu");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, Assert.Single(run.Error.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.False(File.Exists(folder["results/small/study.yaml"]));
    }

    private const string Language = "language-modelling";
    private const string Board = "self-play";
    private const string Sentences = "translation";

    // Of a study that was written by the program: two steps of everything.
    private static readonly (string From, string To)[] Smaller =
    [
        ("sentences: 10000", "sentences: 200"),
        ("context: 64", "context: 16"),
        ("validationWindows: 256", "validationWindows: 8"),
        ("atMost: 1.0", "atMost: 0.001"),
        ("lstm_2x128", "lstm_1x64"),
        ("epochs: 10", "epochs: 1"),
        ("stepsPerEpoch: 100", "stepsPerEpoch: 2"),
        ("evaluateEveryExamples: 320", "evaluateEveryExamples: 16"),
        ("decisions: 512", "decisions: 8"),
        ("evaluationSimulations: 32", "evaluationSimulations: 4"),
        ("atLeast: 0.92", "atLeast: 1"),
        ("2x16", "1x16"),
        ("epochs: 40", "epochs: 1"),
        ("batchSize: 128", "batchSize: 16"),
        ("games: 128", "games: 4"),
        ("stepsPerEpoch: 20", "stepsPerEpoch: 2"),
        ("simulations: 25", "simulations: 4"),
        ("evaluateEveryExamples: 2560", "evaluateEveryExamples: 32"),
        ("train: 8000, validation: 200", "train: 64, validation: 8"),
        ("merges: 500", "merges: 60"),
        ("seq2seq_2x128", "seq2seq_2x64"),
        ("evaluateEveryExamples: 800", "evaluateEveryExamples: 32"),
    ];

    [Theory]
    [InlineData(Language, "lstm_1x64.adamw-1000", "MyNet.adamw-1000")]
    [InlineData(Board, "alphago-zero-1x16.alphazero", "MyNet.alphazero")]
    [InlineData(Sentences, "seq2seq_2x64.adamw-10", "MyNet.adamw-10")]
    public async Task A_network_of_every_workload_is_written_counted_and_trained(string workload, string baseline, string entry)
    {
        await WriteNew(workload);
        var unsized = await Trainharness.Run(folder.Path, "flops", "./MyNet.cs");
        Assert.Equal(
            (2, $"./MyNet.cs: is a network of {workload}, whose sizes a study says; allowed: --study FILE."),
            (unsized.ExitCode, unsized.Error.Trim())
        );
        var flops = await Trainharness.Run(folder.Path, "flops", "./MyNet.cs", "--study", "./MyNet.yaml", "--json");
        Assert.Equal((0, ""), (flops.ExitCode, flops.Error));
        var counted = JsonDocument.Parse(flops.Output).RootElement;
        Assert.Equal(workload, counted.GetProperty("workload").GetString());
        Assert.True(counted.GetProperty("forwardMacs").GetInt64() > 0);

        var run = await Trainharness.Run(folder.Path, "study", "run", "./MyNet.yaml", "--device", "cpu");
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        var store = new ResultStore(folder["results/MyNet"]);
        var record = store.Read($"{entry}/seed-1")!.Record;
        var sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(folder["MyNet.cs"])));
        var older = store.Read($"{baseline}/seed-1")!.Record;
        // Two steps, of the same examples as the baseline's.
        Assert.Equal((older.Examples, sha256), (record.Examples, record.Architecture.SourceSha256));
        Assert.InRange(record.Examples, 32, 64);
        Assert.Null(older.Architecture.SourceSha256);
        Assert.Equal(workload == Board, record.Ledger.Generation.Count > 0);
        Assert.Equal(File.ReadAllText(folder["MyNet.cs"]), File.ReadAllText(folder["results/MyNet/sources/MyNet.cs.txt"]));
    }

    [Fact]
    public async Task A_class_of_a_library_is_trained_by_its_name()
    {
        folder.Write("lib/Small.cs", Small.Replace("public sealed class", "namespace Mine; public sealed class", StringComparison.Ordinal));
        CompiledLibrary.Write(folder["lib/Small.cs"], folder["My.dll"]);
        folder.Write("configs/studies/own.yaml", QuickStudy.Replace("../../Small.cs", "../../My.dll#Mine.Small", StringComparison.Ordinal));
        var run = await Trainharness.Run(folder.Path, "study", "run", "configs/studies/own.yaml", "--device", "cpu");
        Assert.True(run.ExitCode == 0, run.Error);
        var record = new ResultStore(folder["results/small"]).Read("Small.small/seed-1")!.Record;
        var sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(folder["My.dll"])));
        Assert.Equal((sha256, 144), (record.Architecture.SourceSha256, (int)record.Architecture.ForwardMacs.Count));
        Assert.False(Directory.Exists(folder["results/small/sources"]));
        var unknown = await Trainharness.Run(folder.Path, "flops", "./My.dll#Mine.Other", "--image-size", "8");
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("My.dll: which class? allowed: My.dll#Small", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_network_throws_in_the_middle_of_a_training_is_one_line_with_its_place()
    {
        // Nine calls are the checks' and the warm-up's; evaluations see more images than training.
        folder.Write(
            "Small.cs",
            Small.Replace("=> head", "=> input.shape[0] == 30 ? throw new FormatException(\"late\") : head", StringComparison.Ordinal)
        );
        folder.Write("configs/studies/own.yaml", QuickStudy);
        var run = await Trainharness.Run(folder.Path, "study", "run", "configs/studies/own.yaml", "--device", "cpu");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"{folder["Small.cs"]}:16: FormatException: late", run.Error, StringComparison.Ordinal);
    }

    private async Task WriteNew(string workload)
    {
        var made = await Trainharness.Run(folder.Path, "new", "architecture", "MyNet", "--workload", workload);
        Assert.Equal((0, ""), (made.ExitCode, made.Error));
        folder.Write(
            "MyNet.yaml",
            Smaller.Aggregate(File.ReadAllText(folder["MyNet.yaml"]), (text, change) =>
                text.Replace(change.From, change.To, StringComparison.Ordinal)
            )
        );
    }

    [Fact]
    public async Task No_other_file_than_a_study_names_code_that_runs()
    {
        // A class that leaves a file behind wherever it is only loaded.
        folder.Write(
            "Evil.cs",
            Small.Replace("Small", "Evil", StringComparison.Ordinal)
                + $"static class Canary {{ [System.Runtime.CompilerServices.ModuleInitializer] internal static void Sing() => "
                + $"System.IO.File.WriteAllText(@\"{folder["sang"]}\", \"\"); }}\n"
        );
        Assert.Equal(0, (await Trainharness.Run(folder.Path, "flops", "./Evil.cs", "--image-size", "8")).ExitCode);
        Assert.True(File.Exists(folder["sang"]), "the canary is dumb");
        File.Delete(folder["sang"]);

        var entry = "{ architecture: ../../Evil.cs, recipe: small }";
        folder.Write("Small.cs", Small);
        folder.Write("configs/studies/own.yaml", QuickStudy);
        Assert.Equal(0, (await Trainharness.Run(folder.Path, "study", "run", "configs/studies/own.yaml", "--device", "cpu")).ExitCode);
        var resolved = File.ReadAllText(folder["results/small/study.yaml"]);
        var record = File.ReadAllText(folder["results/small/Small.small/seed-1/record.json"]);
        (string File, string Text)[] hostile =
        [
            ("results/small/study.yaml", resolved.Replace("- Small.small", $"- {entry}", StringComparison.Ordinal)),
            ("results/small/study.yaml", resolved.Replace("Small: ", "../../Evil.cs: ", StringComparison.Ordinal)),
            (
                "results/small/Small.small/seed-1/record.json",
                record.Replace("\"name\": \"Small\"", "\"name\": \"../../Evil.cs\"", StringComparison.Ordinal)
            ),
            ("results/small/sources/Small.cs.txt", File.ReadAllText(folder["Evil.cs"])),
            ("configs/datasets/shapes.yaml", File.ReadAllText(folder["configs/datasets/shapes.yaml"]) + "\narchitecture: ../../Evil.cs\n"),
            ("configs/recipes/small.yaml", File.ReadAllText(folder["configs/recipes/small.yaml"]) + "\narchitecture: ../../Evil.cs\n"),
        ];
        foreach (var (file, text) in hostile)
        {
            var before = File.ReadAllText(folder[file]);
            folder.Write(file, text);
            Assert.NotEqual(before, text);
            foreach (
                var command in (string[])
                    [
                        "report results/small",
                        "study run results/small/study.yaml --device cpu",
                        "study status configs/studies/own.yaml",
                        "study run configs/studies/own.yaml --device cpu",
                    ]
            )
                await Trainharness.Run(folder.Path, command.Split(' '));
            Assert.False(File.Exists(folder["sang"]), $"{file} had code run");
            folder.Write(file, before);
        }
    }
}
