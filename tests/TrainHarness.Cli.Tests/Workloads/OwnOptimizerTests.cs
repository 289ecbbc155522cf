using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Cli.Tests.Workloads;

/// <summary>An optimizer that is one file of somebody's own, by the program itself.</summary>
public sealed class OwnOptimizerTests : IDisposable
{
    private const string Recipe = "recipes:\n  own:\n";

    private readonly WorkFolder folder = new();

    public OwnOptimizerTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "operators are seen on Linux alone");
        folder.Write("Lion.cs", File.ReadAllText(Path.Combine(Trainharness.Repository, "docs", "examples", "Lion.cs")));
        var recipe = File.ReadAllText(folder["configs/recipes/small.yaml"]);
        var own = recipe.Replace(
            "{ kind: sgd, momentum: 0.9, nesterov: false, weightDecay: 1.0e-4 }",
            "{ kind: own, code: ../../Lion.cs, weightDecay: 0.01 }",
            StringComparison.Ordinal
        );
        folder.Write("configs/recipes/copied.yaml", own);
        var study = WorkFolder.QuickStudy.Replace("[ shufflenet_v2_x1_0.small ]", "[ squeezenet1_1.own ]", StringComparison.Ordinal);
        folder.Write(
            "configs/studies/own.yaml",
            $"{study}\n{Recipe}{string.Concat(own.TrimEnd().Split('\n').Select(line => $"    {line}\n"))}"
        );
        folder.Write("configs/studies/copied.yaml", study.Replace("squeezenet1_1.own", "squeezenet1_1.copied", StringComparison.Ordinal));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_study_trains_by_it_and_keeps_its_source()
    {
        var run = await Trainharness.Run(folder.Path, "study", "run", "configs/studies/own.yaml", "--device", "cpu");
        Assert.True(run.ExitCode == 0, run.Error);
        var rule = Assert.IsType<OwnRule>(
            new ResultStore(folder["results/small"]).Read("squeezenet1_1.own/seed-1")!.Record.Recipe.Optimizer
        );
        var sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(folder["Lion.cs"])));
        Assert.Equal(new OwnSource("Lion", null, null, sha256), rule.Source);
        Assert.Equal(File.ReadAllText(folder["Lion.cs"]), File.ReadAllText(folder["results/small/sources/Lion.cs.txt"]));
        Assert.Contains($"code: Lion sha256:{sha256}", File.ReadAllText(folder["results/small/study.yaml"]), StringComparison.Ordinal);
        var report = await Trainharness.Run(folder.Path, "report", "small");
        Assert.True(report.ExitCode == 0, report.Error);

        // Another optimizer of the same name: no second trial of the same entry.
        folder.Write("Lion.cs", File.ReadAllText(folder["Lion.cs"]) + "// changed\n");
        var changed = await Trainharness.Run(folder.Path, "study", "run", "configs/studies/own.yaml", "--device", "cpu");
        Assert.Equal(2, changed.ExitCode);
        Assert.Contains("measured under other rules than the study has now", changed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_recipes_names_no_code()
    {
        var run = await Trainharness.Run(folder.Path, "study", "plan", "configs/studies/copied.yaml");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(
            "the recipe 'copied' names code ('Lion'), which a file of recipes may not; allowed: write it under 'recipes' of the study.",
            run.Error,
            StringComparison.Ordinal
        );
    }
}
