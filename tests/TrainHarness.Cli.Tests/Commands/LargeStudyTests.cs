namespace TrainHarness.Cli.Tests.Commands;

/// <summary>
/// report over as many records as a large study has: 10 s on two cores, 1 GB, and four times the records for four times the work.
/// </summary>
[Trait("Lane", "long")]
public sealed class LargeStudyTests(ITestOutputHelper output)
{
    private const int Runs = 3;

    [Fact]
    public async Task Ten_thousand_records_are_reported_in_twenty_seconds_and_a_gigabyte_and_in_proportion_to_a_quarter_of_them()
    {
        using var work = new WorkFolder();
        var (small, large) = await Measured(
            work,
            new SyntheticStudy(25, 100, 40) { Name = "small" },
            new SyntheticStudy(100, 100, 40) { Name = "large" }
        );
        Assert.True(large.Processor < TimeSpan.FromSeconds(20), $"{large.Processor.TotalSeconds:0.0} s of processor time");
        Assert.True(large.PeakBytes is > 50_000_000 and < 1_000_000_000, $"{large.PeakBytes / 1e6:0} MB");
        // Four times the records for less than four times the time, since every start costs the same: 2.1 to 2.5 times where it was
        // measured.
        Assert.True(
            large.Processor < small.Processor * 3.5,
            $"{small.Processor.TotalSeconds:0.0} s for 2,500 records, {large.Processor.TotalSeconds:0.0} s for 10,000"
        );
    }

    /// <summary>
    /// In turns, the smallest processor time over runs, as neighbours can only add to it, and the largest of the memory.
    /// </summary>
    private async Task<(Usage Small, Usage Large)> Measured(WorkFolder work, SyntheticStudy small, SyntheticStudy large)
    {
        small.WriteTo(work["results/" + small.Name]);
        large.WriteTo(work["results/" + large.Name]);
        var (ofSmall, ofLarge) = (new List<Usage>(), new List<Usage>());
        while (ofLarge.Count < Runs)
        {
            ofSmall.Add(await Run(work, small));
            ofLarge.Add(await Run(work, large));
        }

        return (Min(ofSmall), Min(ofLarge));

        static Usage Min(List<Usage> runs) => new(runs.Min(run => run.Processor), runs.Max(run => run.PeakBytes));
    }

    private async Task<Usage> Run(WorkFolder work, SyntheticStudy made)
    {
        var run = await MeasuredProgram.Run(work.Path, Trainharness.Program, [], ["report", work["results/" + made.Name], "--json"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains($"\"{made.Name}\"", run.Output, StringComparison.Ordinal);
        output.WriteLine($"{made.Entries * made.Seeds} records: {run}");
        return new Usage(run.Processor, run.PeakBytes);
    }

    private sealed record Usage(TimeSpan Processor, long PeakBytes);
}
