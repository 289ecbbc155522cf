using TorchSharp;
using TrainHarness.Training.Native;

namespace TrainHarness.Training.Tests.Native;

/// <summary>A process has one libtorch, so each case is a process of its own: this assembly, run for one explicit test.</summary>
public sealed class ForeignLibtorchTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_libtorch_in_another_folder_is_loaded_from_there_and_trains()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Making a link needs rights on Windows.");
        foreach (var file in Directory.GetFiles(TorchLibrary.Description.Folder, "lib*.so*").Where(file => !file.Contains("LibTorchSharp", StringComparison.Ordinal)))
            File.CreateSymbolicLink(folder[Path.GetFileName(file)], file);

        var child = await RunChild(folder.Path);

        Assert.True(child.ExitCode == 0, child.Output);
    }

    [Fact]
    public async Task A_folder_that_is_missing_ends_the_program_with_the_one_line()
    {
        var child = await RunChild(folder["absent"]);

        Assert.NotEqual(0, child.ExitCode);
        Assert.Contains($"TRAINHARNESS_LIBTORCH: there is no folder {folder["absent"]}; it must be", child.Output, StringComparison.Ordinal);
    }

    /// <summary>Runs in the child only, whose module initializer has loaded the named libtorch.</summary>
    [Fact(Explicit = true)]
    public void The_child_computes_with_the_named_libtorch()
    {
        Assert.Equal(Environment.GetEnvironmentVariable("TRAINHARNESS_LIBTORCH"), TorchLibrary.Description.Folder);
        using var scope = torch.NewDisposeScope();
        var x = torch.ones(3).requires_grad_();
        (x * 2).sum().backward();
        Assert.Equal(6, x.grad!.sum().item<float>());
        if (OperatingSystem.IsLinux())
            Assert.Single(LoadedCopies());
    }

    private static string[] LoadedCopies() =>
        [.. File.ReadLines("/proc/self/maps").Where(line => line.EndsWith("libtorch_cpu.so", StringComparison.Ordinal)).Select(line => line.Split(' ')[^1]).Distinct()];

    private static Task<DotnetProcess> RunChild(string libtorch) => DotnetProcess.Run(
        ["exec", typeof(ForeignLibtorchTests).Assembly.Location, "-explicit", "only", "-method", $"*{nameof(ForeignLibtorchTests)}.{nameof(The_child_computes_with_the_named_libtorch)}"],
        new Dictionary<string, string> { ["TRAINHARNESS_LIBTORCH"] = libtorch });
}
