using System.Diagnostics;
using SkiaSharp;
using TrainHarness.Results;

namespace TrainHarness.Cli.Tests.Execution;

/// <summary>A dataset that is not the same any more while a study runs.</summary>
[Trait("Lane", "long")]
public sealed class ChangedDatasetTests : IDisposable
{
    private const string First = "squeezenet1_1.small/seed-1";
    private const string Second = "shufflenet_v2_x1_0.small/seed-1";

    private readonly WorkFolder folder = new();

    public ChangedDatasetTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows keeps a file that is open from being changed");
        folder.Write(
            "configs/studies/small.yaml",
            WorkFolder.QuickStudy.Replace("from: baseline", "atLeast: 1.0", StringComparison.Ordinal)
        );
        folder.Write(
            "configs/recipes/small.yaml",
            File.ReadAllText(folder["configs/recipes/small.yaml"]).Replace("epochs: 2", "epochs: 12", StringComparison.Ordinal)
        );
    }

    private ResultStore Store => new(folder["results/small"]);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_pack_that_is_written_to_fails_every_trial_in_one_line_and_nothing_is_recorded()
    {
        var run = await RunAndChange([], () => Shell($"printf x | dd of='{Pack()}' bs=1 seek=9000 conv=notrunc status=none"));
        Assert.Equal(1, run.Status);
        Assert.Contains("the stored dataset was changed while it was being read", run.Row(First), StringComparison.Ordinal);
        Assert.Contains("the stored dataset was changed while it was being read", run.Row(Second), StringComparison.Ordinal);
        Assert.Equal((null, null), (Store.Read(First), Store.Read(Second)));
    }

    [Fact]
    public async Task A_pack_that_becomes_shorter_fails_the_trials_that_read_it_and_nothing_is_recorded()
    {
        var run = await RunAndChange([], () => Shell($"truncate -s 9000 '{Pack()}'"));
        Assert.Equal(1, run.Status);
        Assert.Matches("SIGBUS|SIGABRT|SIGSEGV|was changed while it was being read", run.Row(First));
        Assert.Null(Store.Read(First));
    }

    [Fact]
    public async Task A_pack_that_is_deleted_is_made_anew_and_changes_no_record()
    {
        var undisturbed = await Trainharness.Run(
            folder.Path,
            "study",
            "run",
            "configs/studies/small.yaml",
            "--device",
            "cpu",
            "--results",
            "undisturbed"
        );
        Assert.True(undisturbed.ExitCode == 0, undisturbed.Error);
        var run = await RunAndChange([], () => Shell($"rm '{Pack()}'"));
        Assert.True(run.Status == 0, string.Join('\n', run.Errors));
        foreach (var trial in (string[])[First, Second])
            Assert.Equal(Records.Comparable(new ResultStore(folder["undisturbed/small"]), trial), Records.Comparable(Store, trial));
    }

    [Fact]
    public async Task A_pack_that_is_replaced_by_a_forged_one_is_made_anew_and_changes_no_record()
    {
        var undisturbed = await Trainharness.Run(
            folder.Path,
            "study",
            "run",
            "configs/studies/small.yaml",
            "--device",
            "cpu",
            "--results",
            "undisturbed"
        );
        Assert.True(undisturbed.ExitCode == 0, undisturbed.Error);
        var run = await RunAndChange([], () =>
            Shell(
                $"cp '{Pack()}' '{Pack()}.forged' && printf x | dd of='{Pack()}.forged' bs=1 seek=9000 conv=notrunc status=none && mv "
                    + $"'{Pack()}.forged' '{Pack()}'"
            )
        );
        Assert.True(run.Status == 0, string.Join('\n', run.Errors));
        Assert.Contains("its content is not what its checksum says", run.Output, StringComparison.Ordinal);
        foreach (var trial in (string[])[First, Second])
            Assert.Equal(Records.Comparable(new ResultStore(folder["undisturbed/small"]), trial), Records.Comparable(Store, trial));
    }

    [Theory]
    [InlineData("rm -r pictures", "exit status 2: ", "pictures")]
    [InlineData(
        "cp pictures/train/ant/1.png pictures/train/ant/9.png",
        "exit status 2: ",
        "pictures was changed while the study ran: it holds other data than the study began with."
    )]
    public async Task Images_that_are_added_or_removed_fail_the_trials_that_come_after_with_their_last_word_in_the_table(
        string change,
        string status,
        string expected
    )
    {
        Pictures();
        var run = await RunAndChange(["--data", "pictures"], () => Shell(change));
        Assert.Equal(1, run.Status);
        Assert.Contains(status, run.Row(Second), StringComparison.Ordinal);
        Assert.Contains(expected, run.Row(Second), StringComparison.Ordinal);
        Assert.Contains(Store.LogFile(Second), run.Row(Second), StringComparison.Ordinal);
        Assert.DoesNotContain(run.Errors, line => line.StartsWith($" {First}", StringComparison.Ordinal));
        Assert.NotNull(Store.Read(First));
        Assert.Null(Store.Read(Second));
    }

    /// <summary>Runs the study, and changes something while the first of its two trials trains.</summary>
    private async Task<Ran> RunAndChange(string[] more, Action change)
    {
        using var program = RunningProgram.Start(folder, ["study", "run", "configs/studies/small.yaml", "--device", "cpu", .. more]);
        await RunningProgram.HolderOf(Store.TrialFolder(First));
        change();
        var status = await program.End();
        return new Ran(status, await program.Output, program.Errors);
    }

    private string Pack() => Directory.GetFiles(folder["cache/datasets"], "*.pack").Single();

    private void Shell(string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", command]) { WorkingDirectory = folder.Path })!;
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }

    private void Pictures()
    {
        folder.Write(
            "configs/studies/small.yaml",
            File.ReadAllText(folder["configs/studies/small.yaml"]).Replace("dataset: shapes", "dataset: pictures", StringComparison.Ordinal)
        );
        foreach (
            var (index, place) in (
                from split in (string[])["train", "val"]
                from name in (string[])["ant", "bee"]
                select $"pictures/{split}/{name}"
            ).Index()
        )
        {
            for (var number = 0; number < 48; number++)
            {
                using var bitmap = new SKBitmap(32, 32);
                bitmap.Erase(new SKColor((byte)(5 * number), (byte)(60 * index), 100));
                using var encoded = bitmap.Encode(SKEncodedImageFormat.Png, 100);
                Directory.CreateDirectory(folder[place]);
                File.WriteAllBytes(folder[FormattableString.Invariant($"{place}/{number}.png")], encoded.ToArray());
            }
        }
    }

    private sealed record Ran(int Status, string Output, List<string> Errors)
    {
        /// <summary>Of the table of what failed.</summary>
        public string Row(string trial) =>
            Assert.Single(Errors, line =>
                line.StartsWith($" {trial} ", StringComparison.Ordinal) || line.StartsWith($"  {trial} ", StringComparison.Ordinal)
            );
    }
}
