using System.Diagnostics;
using TrainHarness.Results;
using TrainHarness.Training.Engine;

namespace TrainHarness.Cli.Tests.Execution;

[Trait("Lane", "long")]
public sealed class ClockTests : IDisposable
{
    private const string Trial = "squeezenet1_1.small/seed-1";

    private static readonly string[] Run = ["study", "run", "configs/studies/small.yaml", "--device", "cpu", "--trial", Trial];

    private readonly WorkFolder folder = new();

    public ClockTests()
    {
        folder.Write("configs/studies/small.yaml", WorkFolder.QuickStudy);
        // Long enough for a signal and a jump to meet it while it runs.
        folder.Write(
            "configs/recipes/small.yaml",
            File.ReadAllText(folder["configs/recipes/small.yaml"]).Replace("epochs: 2", "epochs: 40", StringComparison.Ordinal)
        );
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_clock_that_jumps_by_a_year_and_back_while_a_trial_runs_changes_no_number_of_its_record()
    {
        Assert.SkipUnless(FakeClock is not null, "needs Debian's libfaketime");
        var whole = await Trainharness.Run(folder.Path, [.. Run, "--results", "undisturbed"]);
        Assert.True(whole.ExitCode == 0, whole.Error);

        var watch = Stopwatch.StartNew();
        Jump("+0");
        using (var stopped = Start())
        {
            Assert.True(await stopped.ReadUntil(TrialPhase.Training), string.Join('\n', stopped.Errors));
            Jump("+400d");
            Assert.True(await stopped.ReadUntil(TrialPhase.Evaluation), string.Join('\n', stopped.Errors));
            Jump("-400d");
            await stopped.Send("INT");
            var status = await stopped.End();
            Assert.True(status == 75, string.Join('\n', stopped.Errors));
        }

        using (var resumed = Start())
        {
            Assert.True(await resumed.ReadUntil(TrialPhase.Training), string.Join('\n', resumed.Errors));
            Jump("-800d");
            var status = await resumed.End();
            Assert.True(status == 0, string.Join('\n', resumed.Errors));
        }

        var (expected, store) = (new ResultStore(folder["undisturbed/small"]), new ResultStore(folder["results/small"]));
        Assert.Equal(Records.Comparable(expected, Trial), Records.Comparable(store, Trial));
        var clocks = store.Read(Trial)!.Record.Clocks;
        Assert.InRange(DateTimeOffset.UtcNow - clocks.Finished, TimeSpan.FromDays(799), TimeSpan.FromDays(801));
        Assert.All((double[])[clocks.TrainingSeconds, clocks.EvaluationSeconds!.Value, clocks.StartUpSeconds], seconds =>
            Assert.InRange(seconds, 0, watch.Elapsed.TotalSeconds)
        );
        Assert.InRange(clocks.TrainingSeconds + clocks.EvaluationSeconds!.Value + clocks.StartUpSeconds, 0, watch.Elapsed.TotalSeconds);
    }

    private static string? FakeClock =>
        Directory.Exists("/usr/lib") && OperatingSystem.IsLinux()
            ? Directory
                .EnumerateDirectories("/usr/lib")
                .Select(place => Path.Combine(place, "faketime", "libfaketimeMT.so.1"))
                .FirstOrDefault(File.Exists)
            : null;

    private RunningProgram Start() =>
        RunningProgram.Start(
            folder,
            [
                ("LD_PRELOAD", FakeClock!),
                ("FAKETIME_TIMESTAMP_FILE", folder["clock"]),
                ("FAKETIME_NO_CACHE", "1"),
                ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
                ("NO_FAKE_STAT", "1"),
            ],
            Run
        );

    // Renamed, as it is read at any moment.
    private void Jump(string offset)
    {
        folder.Write("clock.new", offset + "\n");
        File.Move(folder["clock.new"], folder["clock"], overwrite: true);
    }
}
