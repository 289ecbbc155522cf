using System.Diagnostics;
using System.Text;
using TrainHarness.Results;
using TrainHarness.Training.Engine;

namespace TrainHarness.Cli.Tests.Execution;

public sealed class StopTests : IDisposable
{
    private const string Trial = "squeezenet1_1.small/seed-1";

    private static readonly string[] RunOne = ["study", "run", "configs/studies/small.yaml", "--device", "cpu", "--trial", Trial];
    private static readonly string[] RunAll = ["study", "run", "configs/studies/small.yaml", "--device", "cpu"];

    private readonly WorkFolder folder = new();

    public StopTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals");
        folder.Write("configs/studies/small.yaml", WorkFolder.QuickStudy);
    }

    public void Dispose() => folder.Dispose();

    [Trait("Lane", "long")]
    [Fact]
    public async Task Each_signal_stops_a_trial_with_a_checkpoint_and_75_and_in_the_end_it_is_as_if_it_had_never_been_stopped()
    {
        Epochs(40);
        using var undisturbed = new WorkFolder();
        undisturbed.Write("configs/studies/small.yaml", WorkFolder.QuickStudy);
        undisturbed.Write("configs/recipes/small.yaml", File.ReadAllText(folder["configs/recipes/small.yaml"]));
        var whole = await Trainharness.Run(undisturbed.Path, RunOne);
        Assert.True(whole.ExitCode == 0, whole.Error);

        foreach (var signal in (string[])["INT", "TERM", "HUP", "USR1", "USR2"])
        {
            using var program = RunningProgram.Start(folder, RunOne);
            Assert.True(await program.ReadUntil(TrialPhase.Evaluation), string.Join('\n', program.Errors));
            await program.Send(signal);
            Assert.Equal(75, await program.End());
            Assert.Equal(TrialPhase.Training, program.Phase);
            Assert.Contains(program.Errors, line => line == TrialPhases.Mark + TrialPhase.Checkpoint);
            Assert.StartsWith("Stopped on request.", program.Errors[^1], StringComparison.Ordinal);
            Assert.True(File.Exists(Store(folder).CheckpointFile(Trial)));
            Assert.Null(Store(folder).Read(Trial));
        }

        var last = await Trainharness.Run(folder.Path, RunOne);
        Assert.True(last.ExitCode == 0, last.Error);
        Assert.Contains("goes on from step", last.Output, StringComparison.Ordinal);
        Assert.Equal(Records.Comparable(Store(undisturbed), Trial), Records.Comparable(Store(folder), Trial));
        Assert.False(Store(folder).HasCheckpoint(Trial));
    }

    [Trait("Lane", "long")]
    [Theory]
    [InlineData("HUP")]
    [InlineData("USR2")]
    public async Task A_signal_to_the_whole_group_stops_a_study_and_its_trial_with_a_checkpoint(string signal)
    {
        Epochs(20_000);
        using var program = RunningProgram.Start(folder, RunAll);
        var trial = await RunningProgram.HolderOf(Store(folder).TrialFolder(Trial));
        await Evaluated();
        // To each of the group; the tests are in it too.
        await program.SendToBoth(signal, trial.ProcessId);
        Assert.Equal(75, await program.End());
        Assert.Contains($"{Trial}: checkpointed", await program.Output, StringComparison.Ordinal);
        Assert.False(trial.Lives());
        Assert.True(File.Exists(Store(folder).CheckpointFile(Trial)));
    }

    [Trait("Lane", "long")]
    [Fact]
    public async Task A_terminal_that_is_closed_stops_the_study_in_it_with_a_checkpoint()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs script of util-linux");
        Epochs(20_000);
        using var terminal = Terminal();
        var trial = await RunningProgram.HolderOf(Store(folder).TrialFolder(Trial));
        await Evaluated();
        using var process = Process.GetProcessById(trial.ProcessId);
        // The end of whoever holds the other side of a terminal hangs it up.
        terminal.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(File.Exists(Store(folder).CheckpointFile(Trial)));
        Assert.Null(TrialLock.HolderOf(Store(folder).TrialFolder(Trial)));
        Assert.DoesNotContain("\"@l\":\"Error\"", Read(Store(folder).LogFile(Trial)), StringComparison.Ordinal);

        Process Terminal()
        {
            var start = new ProcessStartInfo(
                "script",
                ["-qec", $"env --default-signal=HUP '{Trainharness.Program}' {string.Join(' ', RunAll)}", "/dev/null"]
            )
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                WorkingDirectory = folder.Path,
            };
            start.Environment["TRAINHARNESS_CACHE"] = folder["cache"];
            start.Environment.Remove("LD_PRELOAD");
            var started = Process.Start(start)!;
            started.OutputDataReceived += (_, _) => { };
            started.BeginOutputReadLine();
            return started;
        }
    }

    [Trait("Lane", "long")]
    [Fact]
    public async Task A_hang_up_that_nohup_has_ignored_stops_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs env --ignore-signal");
        Epochs(20_000);
        using var program = RunningProgram.StartBy("env", ["--ignore-signal=HUP", Trainharness.Program, .. RunAll], folder, []);
        var trial = await RunningProgram.HolderOf(Store(folder).TrialFolder(Trial));
        await Evaluated();
        await program.Send("HUP");
        await RunningProgram.Send("HUP", trial.ProcessId);
        await Evaluated(times: 12);
        await program.Send("TERM");
        Assert.Equal(75, await program.End());
    }

    [Trait("Lane", "long")]
    [Fact]
    public async Task Time_in_which_a_trial_was_suspended_is_in_none_of_its_clocks_and_outlives_a_stop()
    {
        Epochs(40);
        var watch = Stopwatch.StartNew();
        var suspended = TimeSpan.Zero;
        using (var program = RunningProgram.Start(folder, RunOne))
        {
            Assert.True(await program.ReadUntil(TrialPhase.Evaluation), string.Join('\n', program.Errors));
            Assert.True(await program.ReadUntil(TrialPhase.Training), string.Join('\n', program.Errors));
            await program.Send("STOP");
            var frozen = Stopwatch.StartNew();
            await Task.Delay(3000, TestContext.Current.CancellationToken);
            suspended = frozen.Elapsed;
            await program.Send("CONT");
            await program.Send("TERM");
            Assert.Equal(75, await program.End());
        }

        var last = await Trainharness.Run(folder.Path, RunOne);
        Assert.True(last.ExitCode == 0, last.Error);
        Assert.Contains($"{Trial}: was suspended for 0:0", last.Output, StringComparison.Ordinal);
        var record = Store(folder).Read(Trial)!.Record;
        var clocks = record.Clocks;
        // It is known to the tenth of a second between two heartbeats.
        Assert.InRange(clocks.SuspendedSeconds!.Value, suspended.TotalSeconds - 0.2, watch.Elapsed.TotalSeconds);
        var others = clocks.TrainingSeconds + clocks.EvaluationSeconds!.Value + clocks.StartUpSeconds;
        Assert.InRange(others + clocks.SuspendedSeconds.Value, 0, watch.Elapsed.TotalSeconds);
        Assert.Null(record.Joules);
    }

    [Trait("Lane", "long")]
    [Theory]
    [InlineData("2>&-")]
    [InlineData(">&-")]
    [InlineData("<&- >&- 2>&-")]
    [InlineData(">/dev/full 2>/dev/full")]
    public async Task A_trial_whose_lines_nobody_can_read_ends_well_with_its_record(string redirection)
    {
        var run = await Trainharness.Run(folder.Path, "sh", [], ["-c", $"\"$@\" {redirection}", "sh", Trainharness.Program, .. RunOne]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.NotNull(Store(folder).Read(Trial));
    }

    [Trait("Lane", "long")]
    [Fact]
    public async Task A_study_with_closed_streams_and_one_on_a_full_disk_of_its_own_end_well_with_all_records()
    {
        var run = await Trainharness.Run(folder.Path, "sh", [], ["-c", "\"$@\" >&- 2>&-", "sh", Trainharness.Program, .. RunAll]);
        Assert.Equal(0, run.ExitCode);
        Assert.NotNull(Store(folder).Read("shufflenet_v2_x1_0.small/seed-1"));
        Assert.True(File.Exists(folder["results/small/report.html"]));
        var again = await Trainharness.Run(folder.Path, "sh", [], ["-c", "\"$@\" >/dev/full", "sh", Trainharness.Program, .. RunAll]);
        Assert.Equal((0, ""), (again.ExitCode, again.Error));
    }

    [Theory]
    [InlineData(">/dev/full", "The answer could not be written to standard output: No space left on device")]
    [InlineData(">&-", "The answer could not be written to standard output: it is closed")]
    public async Task An_answer_that_cannot_be_written_is_a_failure(string redirection, string expected)
    {
        string[] answer = ["-c", $"\"$@\" {redirection}", "sh", Trainharness.Program, "recipes", "--json"];
        var run = await Trainharness.Run(folder.Path, "sh", [], answer);
        Assert.Equal((1, expected), (run.ExitCode, run.Error.Trim()));
    }

    [Fact]
    public async Task A_study_run_that_is_asked_to_stop_has_its_trial_save_a_checkpoint_and_leaves_no_process_behind()
    {
        Epochs(20_000);
        using var program = RunningProgram.Start(folder, RunAll);
        var trial = await RunningProgram.HolderOf(Store(folder).TrialFolder(Trial));
        await Evaluated();
        await program.Send("TERM");
        Assert.Equal(75, await program.End());
        Assert.Contains($"{Trial}: checkpointed", await program.Output, StringComparison.Ordinal);
        Assert.False(trial.Lives());
        Assert.True(File.Exists(Store(folder).CheckpointFile(Trial)));
    }

    [Fact]
    public async Task A_study_whose_rules_changed_since_a_checkpoint_is_refused_and_nothing_is_written()
    {
        Epochs(20_000);
        using (var program = RunningProgram.Start(folder, RunAll))
        {
            await RunningProgram.HolderOf(Store(folder).TrialFolder(Trial));
            await Evaluated();
            await program.Send("TERM");
            Assert.Equal(75, await program.End());
        }

        var files = Files();
        folder.Write(
            "configs/studies/small.yaml",
            WorkFolder.QuickStudy.Replace("evaluateEveryExamples: 60", "evaluateEveryExamples: 30", StringComparison.Ordinal)
        );
        var refused = await Trainharness.Run(folder.Path, RunAll);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(
            "checkpoint.bin: the trial cannot go on from this checkpoint: it was made under other rules than the study has now",
            refused.Error,
            StringComparison.Ordinal
        );
        Assert.Equal(files, Files());

        Dictionary<string, DateTime> Files() =>
            Directory
                .EnumerateFiles(folder["results"], "*", SearchOption.AllDirectories)
                .ToDictionary(file => file, File.GetLastWriteTimeUtc);
    }

    [Trait("Lane", "long")]
    [Fact]
    public async Task A_trial_whose_study_run_was_killed_saves_a_checkpoint_and_ends()
    {
        Epochs(20_000);
        using var program = RunningProgram.Start(folder, RunAll);
        var trial = await RunningProgram.HolderOf(Store(folder).TrialFolder(Trial));
        await Evaluated();
        using var process = Process.GetProcessById(trial.ProcessId);
        await program.Send("KILL");
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(File.Exists(Store(folder).CheckpointFile(Trial)));
        Assert.Null(TrialLock.HolderOf(Store(folder).TrialFolder(Trial)));
    }

    [Trait("Lane", "long")]
    [Fact]
    public async Task A_second_interrupt_ends_the_program_and_its_trials_at_once_and_loses_only_what_came_after_the_last_checkpoint()
    {
        Epochs(40);
        folder.Write(
            "configs/studies/small.yaml",
            WorkFolder.QuickStudy.Replace("checkpointEveryMinutes: 5", "checkpointEveryMinutes: 1.0e-9", StringComparison.Ordinal)
        );
        var undisturbed = await Trainharness.Run(folder.Path, [.. RunOne, "--results", "undisturbed"]);
        Assert.True(undisturbed.ExitCode == 0, undisturbed.Error);
        using var program = RunningProgram.Start(folder, RunAll);
        var trial = await RunningProgram.HolderOf(Store(folder).TrialFolder(Trial));
        while (!File.Exists(Store(folder).PreviousCheckpointFile(Trial)))
            await Task.Delay(10, TestContext.Current.CancellationToken);
        // It cannot answer the first request.
        await RunningProgram.Send("STOP", trial.ProcessId);
        // Two that arrive together are one: it is sent until it is heard.
        var end = program.End();
        while (!end.IsCompleted && await RunningProgram.TrySend("INT", program.ProcessId))
            await Task.WhenAny(end, Task.Delay(100, TestContext.Current.CancellationToken));
        Assert.Equal(75, await end);
        Assert.StartsWith("Stopped at once.", program.Errors[^1], StringComparison.Ordinal);
        SpinWait.SpinUntil(() => trial.Lives() == false);
        Assert.Null(Store(folder).Read(Trial));
        var last = await Trainharness.Run(folder.Path, RunOne);
        Assert.True(last.ExitCode == 0, last.Error);
        Assert.Contains("goes on from step", last.Output, StringComparison.Ordinal);
        Assert.Equal(Records.Comparable(new ResultStore(folder["undisturbed/small"]), Trial), Records.Comparable(Store(folder), Trial));
    }

    [Trait("Lane", "long")]
    [Fact]
    public async Task A_study_that_is_stopped_while_it_packs_leaves_nothing_of_the_pack_and_ends_with_75()
    {
        folder.Write(
            "configs/datasets/shapes.yaml",
            File.ReadAllText(folder["configs/datasets/shapes.yaml"])
                .Replace("trainPerClass: 40", "trainPerClass: 50000", StringComparison.Ordinal)
        );
        using var program = RunningProgram.Start(folder, RunAll);
        while (!Directory.Exists(folder["cache/datasets"]) || Directory.GetFiles(folder["cache/datasets"]).Length == 0)
            await Task.Delay(10, TestContext.Current.CancellationToken);
        await program.Send("INT");
        Assert.Equal(75, await program.End());
        Assert.StartsWith("Stopped on request.", program.Errors[^1], StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder["cache/datasets"]));
    }

    [Fact]
    public async Task Two_runs_of_a_study_at_once_do_not_train_the_same_trial_and_the_second_names_who_does()
    {
        Epochs(20_000);
        using var first = RunningProgram.Start(folder, RunAll);
        var holder = await RunningProgram.HolderOf(Store(folder).TrialFolder(Trial));
        await Evaluated();
        var second = await Trainharness.Run(folder.Path, RunAll);
        Assert.Equal(1, second.ExitCode);
        var row = Assert.Single(second.Error.Split('\n'), line => line.Contains(Trial, StringComparison.Ordinal));
        Assert.Contains($"{holder} is running this trial; wait for it, or stop it.", row, StringComparison.Ordinal);
        Assert.True(holder.Lives());
        await first.Send("TERM");
        Assert.Equal(75, await first.End());
    }

    [Trait("Lane", "long")]
    [Fact]
    public async Task A_trial_that_was_frozen_until_another_process_had_finished_it_changes_nothing_and_says_so()
    {
        Epochs(40);
        using var frozen = RunningProgram.Start(folder, RunOne);
        var holder = await RunningProgram.HolderOf(Store(folder).TrialFolder(Trial));
        await Evaluated();
        await RunningProgram.Send("STOP", holder.ProcessId);
        // As after its lease, on another machine.
        var trial = Store(folder).TrialFolder(Trial);
        File.Delete(Assert.Single(Directory.GetFiles(trial, "attempt-*.lock")));
        var other = await Trainharness.Run(folder.Path, RunOne);
        Assert.True(other.ExitCode == 0, other.Error);
        var files = Written();
        await RunningProgram.Send("CONT", holder.ProcessId);
        Assert.Equal(1, await frozen.End());
        Assert.Contains("another process took this trial over", frozen.Errors[^1], StringComparison.Ordinal);
        Assert.Equal(files, Written());

        Dictionary<string, DateTime> Written() =>
            Directory
                .EnumerateFiles(trial)
                .Where(file => !file.EndsWith("log.jsonl", StringComparison.Ordinal))
                .ToDictionary(file => file, File.GetLastWriteTimeUtc);
    }

    [Trait("Lane", "long")]
    [Fact]
    public async Task A_checkpoint_that_was_altered_to_name_other_rules_is_not_used_and_stops_no_study()
    {
        Epochs(40);
        using (var program = RunningProgram.Start(folder, RunAll))
        {
            await RunningProgram.HolderOf(Store(folder).TrialFolder(Trial));
            await Evaluated();
            await program.Send("TERM");
            Assert.Equal(75, await program.End());
        }

        var file = Store(folder).CheckpointFile(Trial);
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        var digits = bytes.AsSpan().IndexOf("\"configurationSha256\""u8) + 26;
        bytes[digits] = (byte)(bytes[digits] == '0' ? '1' : '0');
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
        var run = await Trainharness.Run(folder.Path, RunAll);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains(
            "checkpoint.bin is truncated or altered (its checksum differs) and is not used",
            run.Output,
            StringComparison.Ordinal
        );
        Assert.NotNull(Store(folder).Read(Trial));
    }

    [Trait("Lane", "long")]
    [Theory]
    [InlineData("KILL", "was killed (SIGKILL)", 1)]
    [InlineData("ABRT", "aborted in native code (SIGABRT)", 2)]
    public async Task A_trial_that_is_killed_or_aborts_twice_is_named_with_its_log_and_the_other_trials_run(
        string signal,
        string expected,
        int times
    )
    {
        Epochs(6);
        var baseline = await Trainharness.Run(folder.Path, RunOne);
        Assert.True(baseline.ExitCode == 0, baseline.Error);
        folder.Write(
            "configs/studies/small.yaml",
            WorkFolder.QuickStudy.Replace(
                "[ shufflenet_v2_x1_0.small ]",
                "[ shufflenet_v2_x1_0.small, resnet18.small ]",
                StringComparison.Ordinal
            )
        );
        var store = Store(folder);
        using var program = RunningProgram.Start(folder, RunAll);
        // As libtorch does before it ends the process.
        const string lastWords = "terminate called after throwing an instance of 'c10::Error'";
        for (var time = 0; time < times; time++)
        {
            var trial = await RunningProgram.LivingHolderOf(store.TrialFolder("shufflenet_v2_x1_0.small/seed-1"));
            await using (
                var errors = new FileStream(FormattableString.Invariant($"/proc/{trial.ProcessId}/fd/2"), FileMode.Open, FileAccess.Write)
            )
                await errors.WriteAsync(
                    Encoding.UTF8.GetBytes($"{lastWords}\n[W1128 NNPACK.cpp:56] Could not initialize NNPACK!\n"),
                    TestContext.Current.CancellationToken
                );
            await RunningProgram.SendUntilItEnds(signal, trial);
        }

        Assert.Equal(1, await program.End());
        var row = Assert.Single(program.Errors, line => line.Contains("shufflenet_v2_x1_0.small/seed-1", StringComparison.Ordinal));
        Assert.Contains(expected, row, StringComparison.Ordinal);
        Assert.Contains($": {lastWords}", row, StringComparison.Ordinal);
        Assert.Contains(store.LogFile("shufflenet_v2_x1_0.small/seed-1"), row, StringComparison.Ordinal);
        Assert.NotNull(store.Read("resnet18.small/seed-1"));
    }

    private static ResultStore Store(WorkFolder folder) => new(folder["results/small"]);

    private void Epochs(int epochs) =>
        folder.Write(
            "configs/recipes/small.yaml",
            File.ReadAllText(folder["configs/recipes/small.yaml"])
                .Replace("epochs: 2", FormattableString.Invariant($"epochs: {epochs}"), StringComparison.Ordinal)
        );

    // The log tells of every evaluation.
    private async Task Evaluated(int times = 1)
    {
        var last = FormattableString.Invariant($"\"Evaluation\":{times},");
        while (!File.Exists(Store(folder).LogFile(Trial)) || !Read(Store(folder).LogFile(Trial)).Contains(last, StringComparison.Ordinal))
            await Task.Delay(10, TestContext.Current.CancellationToken);
    }

    private static string Read(string log)
    {
        using var stream = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
