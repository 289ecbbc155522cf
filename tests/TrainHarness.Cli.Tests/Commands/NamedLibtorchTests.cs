using TrainHarness.Results;

namespace TrainHarness.Cli.Tests.Commands;

/// <summary>The program as scripts/bundle makes it, without libtorch, on a libtorch that lies elsewhere.</summary>
public sealed class NamedLibtorchTests : IDisposable
{
    private const string Trial = "squeezenet1_1.small/seed-1";

    private readonly WorkFolder folder = new();

    public NamedLibtorchTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "making links needs rights on Windows");
        folder.Write("configs/studies/small.yaml", WorkFolder.QuickStudy);
        foreach (var file in Directory.GetFiles(AppContext.BaseDirectory))
            Place(file);
    }

    public void Dispose() => folder.Dispose();

    [Trait("Lane", "long")]
    [Fact]
    public async Task A_study_on_a_named_libtorch_ends_with_the_records_of_one_on_the_programs_own()
    {
        string[] run = ["study", "run", "configs/studies/small.yaml", "--device", "cpu"];
        var named = await RunOn(folder["lib"], run);
        Assert.True(named.ExitCode == 0, named.Error);
        var own = await Trainharness.Run(folder.Path, [.. run, "--trial", Trial, "--results", "own"]);
        Assert.True(own.ExitCode == 0, own.Error);
        Assert.Equal(
            Records.Comparable(new ResultStore(folder["own/small"]), Trial),
            Records.Comparable(new ResultStore(folder["results/small"]), Trial)
        );
    }

    [Trait("Lane", "long")]
    [Fact]
    public async Task A_study_by_libtorchs_dispatcher_ends_with_the_records_of_one_by_TorchSharps_own_library()
    {
        string[] run = ["study", "run", "configs/studies/small.yaml", "--device", "cpu"];
        var dispatched = await Trainharness.Run(folder.Path, [("TRAINHARNESS_BINDINGS", "dispatcher")], run);
        Assert.True(dispatched.ExitCode == 0, dispatched.Error);
        Assert.Contains(
            "is called by its dispatcher, as TorchSharp's native library does not fit it: TRAINHARNESS_BINDINGS=dispatcher.",
            dispatched.Error,
            StringComparison.Ordinal
        );
        var own = await Trainharness.Run(folder.Path, [.. run, "--trial", Trial, "--results", "own"]);
        Assert.True(own.ExitCode == 0, own.Error);

        Assert.Equal("dispatcher-bindings", Record("results/small").Environment.NativePaths[0]);
        Assert.Equal(Record("own/small").WeightsSha256, Record("results/small").WeightsSha256);
        Assert.Equal(Curve("own/small"), Curve("results/small"));
    }

    [Theory]
    [InlineData("nowhere", "--device cpu", "TRAINHARNESS_LIBTORCH: there is no folder ")]
    [InlineData("configs", "--device cpu", " lacks libc10.so, libtorch_cpu.so, libtorch.so; it must be the lib folder of libtorch 2.10 ")]
    [InlineData(
        "lib",
        "--device cuda",
        " is for the CPU only; name the lib folder of a CUDA build in TRAINHARNESS_LIBTORCH, or use --device cpu."
    )]
    [InlineData("", "--device cpu", "This build carries no libtorch: build it with TorchBackend=cpu, ")]
    public async Task A_libtorch_that_cannot_be_used_is_one_line_and_exit_2_before_anything_is_written(
        string libtorch,
        string device,
        string expected
    )
    {
        var run = await RunOn(
            libtorch.Length > 0 ? folder[libtorch] : "",
            ["study", "run", "configs/studies/small.yaml", .. device.Split(' ')]
        );
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, Assert.Single(run.Error.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["results"]));
    }

    private TrialRecord Record(string study) => new ResultStore(folder[study]).Read(Trial)!.Record;

    private string Curve(string study) =>
        ResultsJson.Write(
            new ResultStore(folder[study]).Read(Trial)!.Evaluations.Select(evaluation => evaluation with { Seconds = 0, Joules = null })
        );

    private Task<Trainharness> RunOn(string libtorch, IEnumerable<string> arguments) =>
        Trainharness.Run(folder.Path, folder["program/trainharness"], [("TRAINHARNESS_LIBTORCH", libtorch)], arguments);

    // Without the list of dependencies, which names libtorch; the host then takes what lies beside the program.
    private void Place(string file)
    {
        var name = Path.GetFileName(file);
        if (name.EndsWith(".deps.json", StringComparison.Ordinal))
            return;
        var isLibtorch =
            name.Contains(".so", StringComparison.Ordinal)
            && !(name is "libLibTorchSharp.so" or "libSkiaSharp.so" or "libHarfBuzzSharp.so");
        var place = folder[$"{(isLibtorch ? "lib" : "program")}/{name}"];
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        // The host follows the links of these, and would find the libtorch beside them.
        if (Path.GetFileNameWithoutExtension(name) == "trainharness")
            File.Copy(file, place);
        else
            File.CreateSymbolicLink(place, file);
    }
}
