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
        var status = await Trainharness.Run(folder.Path, "study", "status", "./MyNet.yaml");
        Assert.Contains("MyNet.sgd-smooth3/seed-1", status.Output, StringComparison.Ordinal);
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
    [InlineData("classes);", "classes + 1);", "Small.cs: of 2 images Small(10) makes [2, 11]; expected: [2, 10], a number for each class.")]
    [InlineData(
        "head = Linear",
        "throw new InvalidOperationException(\"no\"); head = Linear",
        "Small.cs: Small(10) throws InvalidOperationException: no"
    )]
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
