using System.Text.Json;
using TrainHarness.Cli.Tests.Workloads;

namespace TrainHarness.Cli.Tests.Clusters;

/// <summary>Studies of so many trials that what is done once for each of them shows.</summary>
[Trait("Lane", "long")]
[Collection(nameof(PretendCluster))]
public sealed class ManyTrialsTests : IDisposable
{
    private const string File = "configs/studies/parity.yaml";

    private readonly PretendCluster cluster;
    private readonly ITestOutputHelper output;
    private readonly WorkFolder folder = new();

    public ManyTrialsTests(PretendCluster cluster, ITestOutputHelper output)
    {
        (this.cluster, this.output) = (cluster, output);
        folder.Write("configs/recipes/small.yaml", ParityTests.Recipe);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_hundred_thousand_trials_are_planned_in_a_minute_and_two_gigabytes()
    {
        Seeds(25_000);
        var plan = await MeasuredProgram.Run(folder.Path, TestProgram.File, [], ["study", "plan", File, "--device", "cpu", "--json"]);
        output.WriteLine($"{plan}");
        Assert.True(plan.ExitCode == 0, plan.Error);
        Assert.Equal(100_000, JsonDocument.Parse(plan.Output).RootElement.GetProperty("trials").GetArrayLength());
        Assert.True(plan.Processor < TimeSpan.FromMinutes(1) && plan.PeakBytes is > 50_000_000 and < 2_000_000_000, $"{plan}");
    }

    [Fact]
    public async Task A_thousand_trials_are_submitted_in_five_seconds_and_cancelled()
    {
        Assert.SkipUnless(PretendCluster.Missing is null, $"No Slurm here: {PretendCluster.Missing}");
        Seeds(250);
        folder.Write("configs/clusters/held.yaml", "gpus_per_node: 0\ntimeout_min: 60\nadditional_parameters: { hold: true }\n");
        string[] submit = ["study", "submit", File, "--executor", "slurm", "--cluster", "held", "--json"];
        var submitted = await MeasuredProgram.Run(folder.Path, TestProgram.File, [cluster.Variable], submit);
        output.WriteLine($"{submitted}");
        Assert.True(submitted.ExitCode == 0, submitted.Error);
        var jobs = JsonDocument.Parse(submitted.Output).RootElement.GetProperty("jobs").EnumerateArray().ToList();
        Assert.Equal([250, 750, 0], jobs.Select(job => job.GetProperty("trials").GetArrayLength()));
        Assert.True(submitted.Processor < TimeSpan.FromSeconds(5), $"{submitted}");
        var status = await Trainharness.Run(folder.Path, TestProgram.File, [cluster.Variable], ["study", "status", File]);
        Assert.Equal(1000, status.Output.Split('\n').Count(line => line.Contains(" PENDING", StringComparison.Ordinal)));
        var cancelled = await Trainharness.Run(folder.Path, TestProgram.File, [cluster.Variable], ["study", "cancel", File]);
        Assert.Contains(" is cancelled (1001 tasks).", cancelled.Output, StringComparison.Ordinal);
    }

    // Of four entries.
    private void Seeds(int count) =>
        folder.Write(
            File,
            ClusterStudy.FromBaseline.Replace("[1, 2]", $"[{string.Join(", ", Enumerable.Range(1, count))}]", StringComparison.Ordinal)
        );
}
