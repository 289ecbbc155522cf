using System.Diagnostics;
using System.Text.Json;
using TrainHarness.Files;
using TrainHarness.Results;

namespace TrainHarness.Tests.Results;

public sealed class TrialLockTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("trainharness-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_trial_is_held_by_one_and_free_again_when_that_one_gives_it_back()
    {
        using (var held = TrialLock.Take(folder))
        {
            held.Require();
            Assert.Equal(Environment.ProcessId, TrialLock.HolderOf(folder)!.ProcessId);
            var refused = Assert.Throws<ConfigurationException>(() => TrialLock.Take(folder));
            Assert.Contains(
                $"process {Environment.ProcessId} on {Environment.MachineName} is running this trial",
                refused.Message,
                StringComparison.Ordinal
            );
        }

        Assert.Null(TrialLock.HolderOf(folder));
        Assert.Empty(Directory.GetFiles(folder));
        TrialLock.Take(folder).Dispose();
    }

    [Theory]
    [InlineData("ln -s /nowhere/x attempt-1.lock")]
    [InlineData("ln -s /dev/zero attempt-7.lock")]
    [InlineData("mkfifo attempt-1.lock && touch -d 1990-01-01 attempt-1.lock")]
    [InlineData("truncate -s 3G attempt-1.lock && touch -d 1990-01-01 attempt-1.lock")]
    public void What_no_holder_made_holds_nothing_and_is_removed(string shell)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs mkfifo and links");
        using var made = Process.Start(new ProcessStartInfo("sh", ["-c", shell]) { WorkingDirectory = folder })!;
        made.WaitForExit();
        Assert.Null(TrialLock.HolderOf(folder));
        AssertTakenOver();
    }

    [Fact]
    public async Task A_holder_of_this_machine_that_has_died_is_known_at_once()
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", ["--version"]) { RedirectStandardOutput = true })!;
        await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Leave(TrialHolder.ThisProcess() with { ProcessId = process.Id, ProcessStart = "1" });
        AssertTakenOver();
    }

    [Fact]
    public void A_process_number_that_was_given_to_another_process_since_is_not_the_holder()
    {
        Leave(TrialHolder.ThisProcess() with { ProcessStart = "1" });
        AssertTakenOver();
    }

    [Fact]
    public void A_holder_on_another_machine_is_believed_while_it_renews_and_no_longer()
    {
        var other = TrialHolder.ThisProcess() with { Host = "elsewhere", ProcessId = 1 };
        var file = Leave(other);
        Assert.Contains(
            "process 1 on elsewhere",
            Assert.Throws<ConfigurationException>(() => TrialLock.Take(folder)).Message,
            StringComparison.Ordinal
        );
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow - TrialLock.Lease - TimeSpan.FromSeconds(1));
        AssertTakenOver();
    }

    [Fact]
    public void The_same_name_in_another_container_or_after_a_reboot_is_another_machine() =>
        Assert.False((TrialHolder.ThisProcess() with { Space = "another" }).IsHere);

    [Fact]
    public void A_lock_that_was_tampered_with_is_a_holder_or_nobody()
    {
        var file = Leave(new TrialHolder("elsewhere", "space", 4711, "1", "attempt"));
        Mutations.Sample(File.ReadAllBytes(file), 1_000, bytes =>
        {
            File.WriteAllBytes(file, bytes);
            // Whoever it is believed for a lease: nobody takes the trial from a process that may live.
            var refused = Record.Exception(() => TrialLock.Take(folder).Dispose());
            Assert.True(refused is null or ConfigurationException, refused?.ToString());
            Assert.DoesNotContain('\n', refused?.Message ?? "");
            TrialLock.HolderOf(folder);
        });
    }

    [Fact]
    public void A_folder_in_the_place_of_the_lock_is_named()
    {
        Directory.CreateDirectory(Path.Combine(folder, "attempt-1.lock"));
        Assert.Equal(
            $"{Path.Combine(folder, "attempt-1.lock")}: a folder stands where the lock of the trial is to be; remove it.",
            Assert.Throws<ConfigurationException>(() => TrialLock.Take(folder)).Message
        );
    }

    [Fact]
    public void A_lock_that_cannot_be_written_is_one_line_and_nothing_of_it_is_left()
    {
        foreach (var fault in Enum.GetValues<Fault>())
        {
            using (new FaultyDisk(failing: 0, fault))
                AssertRefused(fault, () => TrialLock.Take(folder), "attempt-1.lock");
            Assert.Empty(Directory.GetFiles(folder));
            using (new FaultyDisk(failing: 0, fault))
                Assert.ThrowsAny<Exception>(() => ExclusiveFile.TryOpen(Path.Combine(folder, "attempt-1.lock"), [1, 2]));
            Assert.Empty(Directory.GetFiles(folder));
        }

        TrialLock.Take(folder).Dispose();
    }

    [Fact]
    public void A_disk_that_cannot_be_written_leaves_the_lock_of_another_machine_and_nothing_else()
    {
        var file = Leave(TrialHolder.ThisProcess() with { Host = "elsewhere", ProcessId = 1 });
        var left = File.ReadAllText(file);
        var files = FilesOfTakingOver(file);
        // The disk's time, the lock, and the time again.
        Assert.Equal(3, files);
        for (var failing = 0; failing < files; failing++)
        {
            foreach (var fault in Enum.GetValues<Fault>())
            {
                // A file that is only there for its time has nothing in it that could be cut short.
                if (fault == Fault.ShortWrite && failing != 1)
                    continue;
                File.SetLastWriteTimeUtc(file, DateTime.UtcNow - TrialLock.Lease - TimeSpan.FromSeconds(1));
                using (new FaultyDisk(failing, fault))
                    AssertRefused(fault, () => TrialLock.Take(folder), failing == 1 ? "attempt-8.lock" : ".tmp");
                Assert.Equal(left, File.ReadAllText(Assert.Single(Directory.GetFiles(folder))));
            }
        }

        AssertTakenOver();
    }

    [Fact]
    public void A_lock_that_cannot_be_renewed_is_still_held()
    {
        using var held = TrialLock.Take(folder);
        foreach (var fault in Enum.GetValues<Fault>())
        {
            using (var disk = new FaultyDisk(failing: 0, fault))
            {
                held.Renew();
                Assert.Single(disk.Files);
            }

            held.Require();
            Assert.False(held.Lost.IsCancellationRequested);
            Assert.Throws<ConfigurationException>(() => TrialLock.Take(folder));
        }
    }

    [Fact]
    public void A_lock_is_believed_by_the_clock_of_the_disk_that_keeps_it_and_not_by_this_machines()
    {
        // A disk whose clock is a day ahead, or a machine whose clock was set back a day: the lock seems to come from the future.
        var file = Leave(TrialHolder.ThisProcess() with { Host = "elsewhere", ProcessId = 1 });
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow + TimeSpan.FromDays(1));
        Assert.Throws<ConfigurationException>(() => TrialLock.Take(folder));
        // Of this machine a living holder holds it whatever its file's time says.
        File.Delete(file);
        using var held = TrialLock.Take(folder);
        File.SetLastWriteTimeUtc(Directory.GetFiles(folder).Single(), DateTime.UtcNow - TimeSpan.FromDays(365));
        Assert.Throws<ConfigurationException>(() => TrialLock.Take(folder));
        held.Require();
    }

    [Fact]
    public void A_lock_that_cannot_be_read_is_believed_while_it_is_fresh()
    {
        var file = Leave(null);
        Assert.Throws<ConfigurationException>(() => TrialLock.Take(folder));
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow - TrialLock.Lease - TimeSpan.FromSeconds(1));
        AssertTakenOver();
    }

    [Fact]
    public void A_holder_that_comes_back_after_it_was_taken_for_dead_writes_nothing_and_leaves_the_new_lock_alone()
    {
        using var fenced = TrialLock.Take(folder);
        // As another machine sees it that has not heard of this one.
        File.Delete(Directory.GetFiles(folder).Single());
        using var next = TrialLock.Take(folder);
        var error = Assert.Throws<IOException>(fenced.Require);
        Assert.Contains("another process took this trial over", error.Message, StringComparison.Ordinal);
        var study = Samples.Study;
        var trial = Samples.Trial(study, study.Baseline, 1, 100, new DateOnly(2012, 6, 1), null, 0.2);
        var store = new ResultStore(Path.Combine(folder, "study"));
        store.Write(trial.Record, trial.Evaluations, next.Require);
        var written = File.ReadAllText(Path.Combine(store.TrialFolder(trial.Record.Id), "record.json"));
        Assert.Throws<IOException>(() => store.Write(trial.Record with { Steps = 99 }, [], fenced.Require));
        Assert.Equal(written, File.ReadAllText(Path.Combine(store.TrialFolder(trial.Record.Id), "record.json")));
        Assert.Single(store.Read(trial.Record.Id)!.Evaluations);
        Assert.Equal(2, Directory.GetFiles(store.TrialFolder(trial.Record.Id)).Length);
        fenced.Dispose();
        next.Require();
    }

    [Theory]
    [InlineData("evaluations.csv")]
    [InlineData("record.json")]
    public void A_holder_that_is_frozen_between_its_last_look_and_its_rename_overwrites_nothing(string frozenAt)
    {
        var study = Samples.Study;
        var trial = Samples.Trial(study, study.Baseline, 1, 100, new DateOnly(2012, 6, 1), null, 0.2, 0.3);
        var store = new ResultStore(Path.Combine(folder, "study"));
        var place = store.TrialFolder(trial.Record.Id);
        using var frozen = TrialLock.Take(place);
        TrialLock? next = null;
        var looks = 0;
        Assert.Throws<FileNotFoundException>(() => store.Write(trial.Record with { Steps = 99 }, [.. trial.Evaluations.Take(1)], () =>
            {
                frozen.Require();
                if (looks++ < (frozenAt == "record.json" ? 1 : 0))
                    return;
                // As another machine sees it that has not heard of this one for too long: it takes over and finishes, and then this one
                // goes on.
                File.Delete(Directory.GetFiles(place, "*.lock").Single());
                next = TrialLock.Take(place);
                store.Write(trial.Record, trial.Evaluations, next.Require);
            }));
        var (record, evaluations) = store.Read(trial.Record.Id)!;
        Assert.Equal(trial.Record.Steps, record.Steps);
        Assert.Equal(2, evaluations.Count);
        next!.Dispose();
        Assert.Equal(["evaluations.csv", "record.json"], Directory.GetFiles(place).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Of_many_that_take_a_trial_at_once_never_two_hold_it()
    {
        var (holding, max, taken) = (0, 0, 0);
        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            try
            {
                using var held = TrialLock.Take(folder);
                InterlockedMax(ref max, Interlocked.Increment(ref holding));
                held.Require();
                Interlocked.Decrement(ref holding);
                Interlocked.Increment(ref taken);
            }
            catch (ConfigurationException)
            {
                // Refused.
            }
        });
        Assert.Equal(1, max);
        Assert.NotEqual(0, taken);
        Assert.Empty(Directory.GetFiles(folder));
    }

    private int FilesOfTakingOver(string dead)
    {
        var left = File.ReadAllText(dead);
        File.SetLastWriteTimeUtc(dead, DateTime.UtcNow - TrialLock.Lease - TimeSpan.FromSeconds(1));
        using var disk = new FaultyDisk(failing: -1, Fault.Failure);
        TrialLock.Take(folder).Dispose();
        File.WriteAllText(dead, left);
        return disk.Files.Count;
    }

    private static void AssertRefused(Fault fault, Action write, string file)
    {
        var error = Assert.ThrowsAny<Exception>(write);
        Assert.True(error is IOException or UnauthorizedAccessException, error.ToString());
        Assert.Contains(FaultyDisk.Words(fault), error.Message, StringComparison.Ordinal);
        if (fault != Fault.Failure)
            Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    private void AssertTakenOver()
    {
        Assert.Null(TrialLock.HolderOf(folder));
        using (var held = TrialLock.Take(folder))
            held.Require();
        Assert.Empty(Directory.GetFiles(folder));
    }

    private string Leave(TrialHolder? holder)
    {
        var file = Path.Combine(folder, "attempt-7.lock");
        File.WriteAllText(file, holder is null ? "" : JsonSerializer.Serialize(holder, ResultsJson.Options));
        return file;
    }

    private static void InterlockedMax(ref int max, int value)
    {
        for (var seen = max; value > seen; seen = max)
            Interlocked.CompareExchange(ref max, value, seen);
    }
}
