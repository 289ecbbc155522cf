using System.Diagnostics;
using TrainHarness.Cli.Execution;

namespace TrainHarness.Cli.Tests.Execution;

public sealed class TrialLogTests : IDisposable
{
    private readonly WorkFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("ln -s other log.jsonl")]
    [InlineData("ln -s /nowhere/x log.jsonl")]
    [InlineData("mkfifo log.jsonl")]
    [InlineData("ln -s /dev/zero log.jsonl")]
    public void What_is_no_file_of_its_own_makes_room_for_the_log_and_nothing_else_is_written(string shell)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs links and mkfifo");
        folder.Write("other", "untouched");
        using (var made = Process.Start(new ProcessStartInfo("sh", ["-c", shell]) { WorkingDirectory = folder.Path })!)
            made.WaitForExit();
        List<string> told = [];
        using (var log = new TrialLog(folder["log.jsonl"], told.Add))
            log.Lines.Information("a line");
        Assert.Contains("a line", File.ReadAllText(folder["log.jsonl"]), StringComparison.Ordinal);
        Assert.Equal("untouched", File.ReadAllText(folder["other"]));
        Assert.Empty(told);
    }
}
