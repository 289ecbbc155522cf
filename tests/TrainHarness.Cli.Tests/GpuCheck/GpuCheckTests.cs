using System.Globalization;
using System.Text.Json;
using TrainHarness.GpuCheck.Checks;

namespace TrainHarness.Cli.Tests.GpuCheck;

public sealed class GpuCheckTests : IDisposable
{
    private static readonly string Program = Path.Combine(
        AppContext.BaseDirectory,
        OperatingSystem.IsWindows() ? "TrainHarness.GpuCheck.exe" : "TrainHarness.GpuCheck"
    );

    private readonly WorkFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Trait("Lane", "long")]
    [Fact]
    public async Task The_checks_that_are_asked_for_run_and_stand_in_one_table_and_in_json()
    {
        var run = await Trainharness.Run(
            folder.Path,
            Program,
            [],
            ["--device", "cpu", "--output", "proof", "--only", "doctor", "libtorch", "data path", "CUDA graph"]
        );
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.Equal(run.Output, await File.ReadAllTextAsync(folder["proof/gpu-check.md"], TestContext.Current.CancellationToken));
        Assert.Contains("| libtorch | sum of 1,000 ones | passed | 1000 | 1000 |", run.Output, StringComparison.Ordinal);
        Assert.Contains(
            "| data path | streamed, in line with the computation | passed | 0 of 5 batches differ; ",
            run.Output,
            StringComparison.Ordinal
        );
        Assert.Contains("| not run | no CUDA device |", run.Output, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(
            await File.ReadAllTextAsync(folder["proof/gpu-check.json"], TestContext.Current.CancellationToken)
        );
        var checks = json
            .RootElement.GetProperty("lines")
            .EnumerateArray()
            .Select(line => line.GetProperty("check").GetString())
            .Distinct();
        Assert.Equal(["doctor", "libtorch", "data path", "CUDA graph"], checks);
    }

    [Trait("Lane", "long")]
    [Fact]
    public async Task A_check_that_does_not_end_in_its_time_fails_alone_and_what_has_no_time_left_is_not_run()
    {
        // A tenth of a minute: a second and a half for all gradients, which take minutes, and then nothing for what comes later.
        var run = await Trainharness.Run(
            folder.Path,
            Program,
            [],
            ["--device", "cpu", "--output", "proof", "--minutes", "0.1", "--only", "gradients", "resume"]
        );
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("| gradients |  | FAILED | not done after ", run.Output, StringComparison.Ordinal);
        Assert.Contains("| resume |  | not run | no time left |", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--device: unknown device 'tpu'", "--device", "tpu")]
    [InlineData("--minutes: 0; allowed", "--device", "cpu", "--minutes", "0")]
    [InlineData("Argument 'everything' not recognized", "--only", "everything")]
    public async Task Bad_usage_is_one_line_and_exit_status_2(string complaint, params string[] arguments)
    {
        var run = await Trainharness.Run(folder.Path, Program, [], arguments);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(complaint, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["gpu-check"]));
    }

    // As ncu 2024 prints it, shortened: two kernels of one layer, after a line of the watched program.
    [Fact]
    public void A_counter_of_the_hardware_is_the_sum_over_all_kernels() =>
        Assert.Equal(
            new Dictionary<string, double> { ["sm__sass_thread_inst_executed_op_ffma_pred_on.sum"] = 4_294_971_392 },
            NsightCompute.Sums(
                """
                ==PROF== Connected to process 4711 (/opt/trainharness/TrainHarness.GpuCheck)
                4294967296
                "ID","Process ID","Process Name","Host Name","Kernel Name","Context","Stream","Block Size","Grid Size","Device","CC","Section Name","Metric Name","Metric Unit","Metric Value"
                "0","4711","TrainHarness.GpuCheck","127.0.0.1","void gemm<float, ""n"">(int, int)","1","7","(256, 1, 1)","(32, 2, 1)","0","9.0","Command line profiler metrics","sm__sass_thread_inst_executed_op_ffma_pred_on.sum","inst","4,294,967,296"
                "1","4711","TrainHarness.GpuCheck","127.0.0.1","splitK","1","7","(256, 1, 1)","(32, 2, 1)","0","9.0","Command line profiler metrics","sm__sass_thread_inst_executed_op_ffma_pred_on.sum","inst","4,096"
                """
            )
        );

    [Theory]
    [InlineData("linear-bf16", 256L * 4096 * 4096)]
    [InlineData("depthwise-3x3-fp32", 32L * 56 * 56 * 256 * 9)]
    public async Task A_layer_that_is_watched_runs_and_its_nominal_multiply_adds_are_its_products(string layer, long macs)
    {
        var run = await Trainharness.Run(folder.Path, Program, [], ["layer", layer, "cpu"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(macs.ToString(CultureInfo.InvariantCulture), run.Output.Trim());
    }
}
