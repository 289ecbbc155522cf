using TorchSharp;
using TrainHarness.Training.Native;
using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Training.Tests.Native;

/// <summary>A process has one libtorch, so each case is a process of its own: this assembly, run for one explicit test.</summary>
public sealed class ForeignLibtorchTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_build_without_libtorch_trains_with_the_named_one()
    {
        CopyProgramWithoutLibtorch();

        var child = await RunChild(folder[Assembly], TorchLibrary.Description.Folder);

        Assert.True(child.ExitCode == 0, child.Output);
    }

    [Fact]
    public async Task A_build_without_libtorch_and_none_named_ends_with_the_one_line()
    {
        CopyProgramWithoutLibtorch();

        var child = await RunChild(folder[Assembly], "");

        Assert.NotEqual(0, child.ExitCode);
        Assert.Contains("This build carries no libtorch: build it with TorchBackend=cpu,", child.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_named_folder_that_leads_to_the_programs_own_libtorch_is_fine()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Making a link needs rights on Windows.");
        foreach (var file in Directory.GetFiles(TorchLibrary.Description.Folder, "lib*.so*"))
            File.CreateSymbolicLink(folder[Path.GetFileName(file)], file);

        var child = await RunChild(typeof(ForeignLibtorchTests).Assembly.Location, folder.Path);

        Assert.True(child.ExitCode == 0, child.Output);
    }

    [Fact]
    public void A_second_libtorch_beside_the_programs_own_is_refused()
    {
        foreach (var library in new[] { "c10", "torch_cpu", "torch" })
            File.WriteAllText(folder[LibtorchFolder.FileName(library)], "");

        var exception = Assert.Throws<TorchLoadException>(() => LibtorchFolder.Find(folder.Path, [TorchLibrary.Description.Folder]));

        Assert.Contains("build with TorchBackend=none, or unset the variable", exception.Message, StringComparison.Ordinal);
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
        [
            .. File.ReadLines("/proc/self/maps")
                .Where(line => line.EndsWith("libtorch_cpu.so", StringComparison.Ordinal))
                .Select(line => line.Split(' ')[^1])
                .Distinct(),
        ];

    private static string Assembly { get; } = Path.GetFileName(typeof(ForeignLibtorchTests).Assembly.Location);

    // Without the dependency list too, which names libtorch; the host then takes the assemblies that lie beside the program.
    private void CopyProgramWithoutLibtorch()
    {
        string[] kept =
        [
            .. Directory.GetFiles(AppContext.BaseDirectory, "*.dll"),
            .. Directory.GetFiles(AppContext.BaseDirectory, "*.runtimeconfig.json"),
            ShippedLibrary.File,
        ];
        foreach (var file in kept.Where(file => Path.GetFileName(file) is not ("c10.dll" or "torch.dll" or "torch_cpu.dll")))
            File.Copy(file, folder[Path.GetFileName(file)], overwrite: true);
    }

    private static Task<DotnetProcess> RunChild(string assembly, string libtorch) =>
        DotnetProcess.Run(
            [
                "exec",
                assembly,
                "-explicit",
                "only",
                "-method",
                $"*{nameof(ForeignLibtorchTests)}.{nameof(The_child_computes_with_the_named_libtorch)}",
            ],
            new Dictionary<string, string> { ["TRAINHARNESS_LIBTORCH"] = libtorch }
        );
}
