using TrainHarness.Cli.Execution;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training;
using TrainHarness.Training.Running;

namespace TrainHarness.Cli.Tests.Execution;

// torch has one generator.
[Collection("torch")]
public sealed class FaultTests : IDisposable
{
    private const string Trial = "squeezenet1_1.small/seed-1";

    private readonly WorkFolder folder = new();
    private readonly Study study;

    public FaultTests()
    {
        // Three steps, a checkpoint after each but the last, which the record follows.
        folder.Write(
            "configs/recipes/small.yaml",
            File.ReadAllText(folder["configs/recipes/small.yaml"]).Replace("epochs: 2", "epochs: 1", StringComparison.Ordinal)
        );
        folder.Write(
            "configs/datasets/shapes.yaml",
            File.ReadAllText(folder["configs/datasets/shapes.yaml"])
                .Replace("trainPerClass: 40", "trainPerClass: 16", StringComparison.Ordinal)
        );
        folder.Write(
            "configs/studies/small.yaml",
            WorkFolder.QuickStudy.Replace("checkpointEveryMinutes: 5", "checkpointEveryMinutes: 1.0e-9", StringComparison.Ordinal)
        );
        study = StudyReader.Read(folder["configs/studies/small.yaml"], WorkloadCatalog.Shipped.Vocabularies);
    }

    public void Dispose() => folder.Dispose();

    [Trait("Lane", "long")]
    [Fact]
    public void Whatever_goes_wrong_with_any_file_of_a_trial_is_one_line_and_the_next_run_ends_as_if_nothing_had()
    {
        var undisturbed = new ResultStore(folder["undisturbed/small"]);
        List<string> files;
        List<int> writes;
        using (var disk = new FaultyDisk(failing: -1, Fault.Failure))
        {
            Run(undisturbed);
            (files, writes) = (disk.Files, disk.Writes);
        }

        var expected = Records.Comparable(undisturbed, Trial);
        Assert.Equal(
            [Pack(undisturbed), "attempt-1.lock", "checkpoint.bin", "checkpoint.bin", "evaluations.csv", "record.json", "study.yaml"],
            files.Select(NameOf)
        );
        for (var failing = 0; failing < files.Count; failing++)
        {
            foreach (var fault in Enum.GetValues<Fault>())
            {
                // A file that cannot be opened, or that is not held in the end, has no write of its own that fails.
                int[] failingWrites = fault is Fault.ReadOnly or Fault.NoSpaceAtTheEnd
                    ? [0]
                    : [.. new[] { 0, writes[failing] / 2, writes[failing] - 1 }.Distinct()];
                foreach (var write in failingWrites)
                    Check(new ResultStore(folder[$"{failing}-{fault}-{write}/small"]), failing, fault, write, expected);
            }
        }
    }

    [Trait("Lane", "long")]
    [Fact]
    public async Task A_system_that_takes_only_a_part_of_a_file_loses_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs ulimit");
        string[] run = ["study", "run", "configs/studies/small.yaml", "--device", "cpu", "--trial", Trial];
        // Smaller than a checkpoint.
        var limited = await RunLimited(4000, run);
        Assert.Equal(1, limited.ExitCode);
        Assert.Contains(
            "checkpoint.bin: larger than the file system, or a limit such as ulimit -f, allows.",
            limited.Error,
            StringComparison.Ordinal
        );
        var store = new ResultStore(folder["results/small"]);
        Assert.Equal(["log.jsonl"], Directory.GetFiles(store.TrialFolder(Trial)).Select(Path.GetFileName));
        var again = await Trainharness.Run(folder.Path, run);
        Assert.True(again.ExitCode == 0, again.Error);
        Assert.NotNull(store.Read(Trial));
    }

    [Trait("Lane", "long")]
    [Fact]
    public async Task A_study_one_of_whose_trials_finds_no_room_goes_on_with_the_others_and_names_it_with_its_log()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs ulimit");
        Run(new ResultStore(folder["results/small"]));
        folder.Write(
            "configs/studies/small.yaml",
            File.ReadAllText(folder["configs/studies/small.yaml"])
                .Replace("[ shufflenet_v2_x1_0.small ]", "[ resnet18.small, shufflenet_v2_x1_0.small ]", StringComparison.Ordinal)
        );
        var prepared = await Trainharness.Run(folder.Path, "datasets", "prepare", "shapes", "--study", "configs/studies/small.yaml");
        Assert.True(prepared.ExitCode == 0, prepared.Error);
        // Between a checkpoint of the one and of the other: parameters and momenta, 11.2 and 1.3 million each.
        var limited = await RunLimited(40_000, "study", "run", "configs/studies/small.yaml", "--device", "cpu");
        Assert.Equal(1, limited.ExitCode);
        var store = new ResultStore(folder["results/small"]);
        var row = Assert.Single(limited.Error.Split('\n'), line => line.Contains("resnet18.small/seed-1", StringComparison.Ordinal));
        Assert.Contains(
            "checkpoint.bin: larger than the file system, or a limit such as ulimit -f, allows.",
            row,
            StringComparison.Ordinal
        );
        Assert.Contains(store.LogFile("resnet18.small/seed-1"), row, StringComparison.Ordinal);
        Assert.NotNull(store.Read("shufflenet_v2_x1_0.small/seed-1"));
        Assert.Null(store.Read("resnet18.small/seed-1"));
    }

    [Trait("Lane", "long")]
    [Fact]
    public async Task A_system_that_takes_only_a_part_of_a_pack_leaves_nothing_of_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs ulimit");
        string[] prepare = ["datasets", "prepare", "shapes", "--study", "configs/studies/small.yaml"];
        var limited = await RunLimited(100, prepare);
        Assert.Equal(1, limited.ExitCode);
        Assert.Matches(
            @"shapes-32-[0-9a-f]+\.pack: larger than the file system, or a limit such as ulimit -f, allows\.$",
            Assert.Single(limited.Error.Trim().Split('\n'))
        );
        Assert.Empty(Directory.GetFiles(folder["cache/datasets"]));
        var again = await Trainharness.Run(folder.Path, prepare);
        Assert.True(again.ExitCode == 0, again.Error);
    }

    [Trait("Lane", "long")]
    [Fact]
    public void A_log_that_cannot_be_written_is_said_once_and_the_trial_has_its_record_all_the_same()
    {
        var (undisturbed, store) = (new ResultStore(folder["undisturbed/small"]), new ResultStore(folder["without/small"]));
        Run(undisturbed);
        Directory.CreateDirectory(store.LogFile(Trial));
        var told = Run(store);
        Assert.Single(told.Split('\n'), line =>
            line.StartsWith(
                $"{Trial}: {store.LogFile(Trial)} cannot be written, and the trial goes on without it: ",
                StringComparison.Ordinal
            )
        );
        Assert.Equal(Records.Comparable(undisturbed, Trial), Records.Comparable(store, Trial));
    }

    [Trait("Lane", "long")]
    [Fact]
    public async Task A_log_of_which_only_a_part_is_taken_is_said_once_and_the_trial_has_its_record_all_the_same()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs ulimit");
        var (undisturbed, store) = (new ResultStore(folder["undisturbed/small"]), new ResultStore(folder["results/small"]));
        Run(undisturbed);
        Directory.CreateDirectory(store.TrialFolder(Trial));
        // Larger than a checkpoint; the log's first line does not fit any more.
        const int limit = 16384;
        using (var log = new FileStream(store.LogFile(Trial), FileMode.CreateNew))
            log.SetLength((limit * 1024) - 10);
        var limited = await RunLimited(
            limit,
            "study",
            "run",
            "configs/studies/small.yaml",
            "--device",
            "cpu",
            "--trial",
            Trial,
            "--results",
            "results"
        );
        Assert.True(limited.ExitCode == 0, limited.Error);
        Assert.Single((limited.Output + limited.Error).Split('\n'), line =>
            line.Contains("log.jsonl cannot be written, and the trial goes on without it: ", StringComparison.Ordinal)
        );
        Assert.Equal(limit * 1024, new FileInfo(store.LogFile(Trial)).Length);
        Assert.Equal(Records.Comparable(undisturbed, Trial), Records.Comparable(store, Trial));
    }

    [Fact]
    public void A_report_that_cannot_be_written_is_one_line_and_leaves_every_file_as_it_was()
    {
        var store = Copied("quickstart-seeds");
        var report = Reports.StudyReport.Read(store);
        var written = report.Files();
        var files = FailsAtEveryWrite(store, () => report.Write(store, written));
        Assert.Equal(
            ["efficiency.csv", "report.html", "report.md"],
            files.Where(name => !name.EndsWith("svg", StringComparison.Ordinal) && !name.EndsWith("png", StringComparison.Ordinal)).Order()
        );
        Assert.InRange(files.Count, 10, 40);
    }

    [Fact]
    public void A_report_of_a_scan_that_cannot_be_written_is_one_line_and_leaves_every_file_as_it_was()
    {
        var store = Copied("imagenette-96-cpu-scan");
        var report = Reports.ScanReport.TryRead(store)!;
        Assert.Equal(["report.md"], FailsAtEveryWrite(store, () => report.Write(store)));
    }

    [Trait("Lane", "long")]
    [Fact]
    public void A_record_that_is_damaged_while_another_trial_runs_keeps_that_one_from_nothing()
    {
        var (undisturbed, store) = (new ResultStore(folder["undisturbed/small"]), new ResultStore(folder["damaged/small"]));
        Run(undisturbed);
        const string other = "shufflenet_v2_x1_0.small/seed-1";
        folder.Write($"damaged/small/{other}/record.json", "{ damaged");
        Run(store);
        Assert.Equal(Records.Comparable(undisturbed, Trial), Records.Comparable(store, Trial));
        // It is named when it is asked for.
        Assert.Contains("record.json:1:", Assert.Throws<ConfigurationException>(() => store.Read(other)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_kill_left_half_written_of_the_study_goes_with_the_next_run()
    {
        var store = new ResultStore(folder["results/small"]);
        Directory.CreateDirectory(store.Folder);
        string[] left = [store.StudyFile + ".elsewhere-1.tmp", store.StudyFile + ".elsewhere-2.tmp"];
        foreach (var file in left)
            File.WriteAllText(file, "half");
        // The other may be being written at this moment.
        File.SetLastWriteTimeUtc(left[0], DateTime.UtcNow - TimeSpan.FromHours(2));
        new MeasuredStudy(study, store).WriteStudy();
        Assert.Equal(["study.yaml", "study.yaml.elsewhere-2.tmp"], Directory.GetFiles(store.Folder).Select(Path.GetFileName).Order());
    }

    private ResultStore Copied(string study)
    {
        var store = new ResultStore(folder[study]);
        var from = Path.Combine(Trainharness.Repository, "results", "protocol-1", study);
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(store.Folder, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return store;
    }

    /// <summary>Every kind of fault at every write of every file; the files are those that were there before.</summary>
    private static List<string> FailsAtEveryWrite(ResultStore store, Action write)
    {
        List<string> files;
        List<int> writes;
        using (var disk = new FaultyDisk(failing: -1, Fault.Failure))
        {
            write();
            (files, writes) = (disk.Files, disk.Writes);
        }

        Assert.All(writes, count => Assert.Equal(1, count));
        string[] targets = [.. files.Select(file => Path.Combine(Path.GetDirectoryName(file)!, NameOf(file)))];
        var written = Contents(store.Folder);
        foreach (
            var (failing, fault) in Enumerable
                .Range(0, files.Count)
                .SelectMany(_ => Enum.GetValues<Fault>(), (failing, fault) => (failing, fault))
        )
        {
            foreach (var target in targets)
                File.WriteAllText(target, "of an earlier report");
            var expected = Contents(store.Folder);
            using var disk = new FaultyDisk(failing, fault);
            var error = Assert.ThrowsAny<Exception>(write);
            Assert.True(error is IOException or UnauthorizedAccessException, error.ToString());
            Assert.DoesNotContain('\n', error.Message);
            Assert.Contains(FaultyDisk.Words(fault), error.Message, StringComparison.Ordinal);
            // Whole and new up to the one that fails, whole and old from it on.
            foreach (var target in targets[..failing])
                expected[target] = written[target];
            Assert.Equal(expected, Contents(store.Folder));
        }

        return [.. files.Select(NameOf)];
    }

    // The signal is ignored, so that the write ends short and then fails; the runtime's own large mapping is left out.
    private async Task<Trainharness> RunLimited(int kibibytes, params string[] arguments) =>
        await Trainharness.Run(
            folder.Path,
            "bash",
            [("DOTNET_EnableWriteXorExecute", "0")],
            ["-c", $"trap '' XFSZ; ulimit -f {kibibytes}; exec '{Trainharness.Program}' {string.Join(' ', arguments)}"]
        );

    private static Dictionary<string, string> Contents(string folder) =>
        Directory
            .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .ToDictionary(file => file, file => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file))));

    private void Check(ResultStore store, int failing, Fault fault, int write, string expected)
    {
        using (var disk = new FaultyDisk(failing, fault, write))
        {
            var error = Assert.ThrowsAny<Exception>(() => Run(store));
            Assert.True(error is IOException or UnauthorizedAccessException, error.ToString());
            Assert.DoesNotContain('\n', error.Message);
            if (fault != Fault.Failure)
                Assert.Contains(NameOf(disk.Files[failing]), error.Message, StringComparison.Ordinal);
            Assert.Contains(FaultyDisk.Words(fault), error.Message, StringComparison.Ordinal);
            Assert.Equal(failing + 1, disk.Files.Count);
        }

        // The study's own file comes after the record: a trial that has one is done.
        Assert.Equal(failing == 6, store.Read(Trial) is not null);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(store.Folder)!, "*.tmp", SearchOption.AllDirectories));
        Assert.Null(TrialLock.HolderOf(store.TrialFolder(Trial)));
        var told = Run(store);
        Assert.Equal(expected, Records.Comparable(store, Trial));
        var kept = failing is 3 or 4 or 5;
        Assert.Equal(kept, told.Contains($"goes on from step {Math.Min(failing - 2, 2)} ", StringComparison.Ordinal));
    }

    private static string NameOf(string temporary)
    {
        var parts = Path.GetFileName(temporary).Split('.');
        return $"{parts[0]}.{parts[1]}";
    }

    // Each study has a cache of its own, so that its first trial writes the pack too.
    private static string CacheOf(ResultStore store) => Path.Combine(Path.GetDirectoryName(store.Folder)!, "cache");

    private static string Pack(ResultStore store) => Path.GetFileName(Assert.Single(Directory.GetFiles(CacheOf(store))));

    private string Run(ResultStore store)
    {
        using var output = new StringWriter();
        var asked = new StudyRequest("run", folder["configs/studies/small.yaml"], "cpu", null, Path.GetDirectoryName(store.Folder)!, 1);
        var request = TrialProcess.Request(WorkloadCatalog.Shipped.Of(study), study, study.Trials.First(), store, asked, CacheOf(store));
        TrialRun.Run(request, new LoggedTrial(request, output), TestContext.Current.CancellationToken);
        return output.ToString();
    }
}
