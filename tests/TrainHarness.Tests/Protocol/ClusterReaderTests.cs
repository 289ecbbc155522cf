using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Tests.Protocol;

public sealed class ClusterReaderTests
{
    private const string Least = "gpus_per_node: 1\ntimeout_min: 60\n";

    [Fact]
    public void A_cluster_is_read_with_the_names_that_submitit_gives_its_keys()
    {
        var cluster = Read(
            """
            partition: gpu
            account: lab
            qos: high
            constraint: a100&nvme
            gpus_per_node: 1
            cpus_per_task: 8
            mem_gb: 31.5
            timeout_min: 240
            signal_delay_s: 120
            array_parallelism: 16
            setup: [ module load cuda, "export A='b c'" ]
            additional_parameters: { mail-type: FAIL, mail_user: me@lab, exclusive: true, nice: 100, comment: two words }
            """
        );
        Assert.Equal(("gpu", "lab", "high", "a100&nvme"), (cluster.Partition, cluster.Account, cluster.Qos, cluster.Constraint));
        Assert.Equal(
            (1, 8, 31.5, 240, 120, 16),
            (
                cluster.GpusPerNode,
                cluster.CpusPerTask,
                cluster.MemoryGigabytes,
                cluster.TimeoutMinutes,
                cluster.SignalDelaySeconds,
                cluster.ArrayParallelism
            )
        );
        Assert.Equal(["module load cuda", "export A='b c'"], cluster.Setup);
        Assert.Equal(
            [("mail-type", "FAIL"), ("mail-user", "me@lab"), ("exclusive", "true"), ("nice", "100"), ("comment", "two words")],
            cluster.AdditionalParameters
        );
    }

    [Fact]
    public void What_is_not_said_is_left_to_the_cluster_and_a_task_is_told_ninety_seconds_before_its_end()
    {
        var cluster = Read(Least);
        Assert.Equal(
            (90, null, null, null),
            (cluster.SignalDelaySeconds, cluster.CpusPerTask, cluster.MemoryGigabytes, cluster.ArrayParallelism)
        );
        Assert.Empty(cluster.Setup);
        Assert.Empty(cluster.AdditionalParameters);
    }

    [Theory]
    [InlineData("gpus_per_node: 2\ntimeout_min: 60", "cluster.yaml:1:16: 'gpus_per_node' is '2'; allowed: a whole number from 0 to 1.")]
    [InlineData("gpus_per_node: 1", "lacks the key 'timeout_min'.")]
    [InlineData(Least + "gpu_per_node: 1", "cluster.yaml:3:1: unknown key 'gpu_per_node' in cluster.yaml; did you mean gpus_per_node?")]
    [InlineData("gpus_per_node: 1\ntimeout_min: 1\nsignal_delay_s: 60", "'signal_delay_s' is no less than 'timeout_min'")]
    [InlineData(
        Least + "partition: gpu --exclusive",
        "cluster.yaml:3:12: this has a sign that cannot stand here; allowed: one word without quotes."
    )]
    [InlineData(Least + "account: \"lab\\nrm -rf /\"", "allowed: one word without quotes.")]
    [InlineData(Least + "partition: \"gpu\\n\"", "allowed: one word without quotes.")]
    [InlineData(Least + "setup: [ \"a\\nb\" ]", "allowed: one line.")]
    [InlineData(Least + "additional_parameters: { comment: 'say \"yes\"' }", "allowed: one line without quotes and backslashes.")]
    [InlineData(
        Least + "additional_parameters: { comment: \"a\\n#SBATCH --wrap=x\" }",
        "allowed: one line without quotes and backslashes."
    )]
    [InlineData(Least + "additional_parameters: { time: 5 }", "'time' is set by trainharness itself")]
    [InlineData(Least + "additional_parameters: { 'x y': 5 }", "'x y' is no long name of an option of sbatch")]
    [InlineData(Least + "additional_parameters: { comment: [1] }", "must be a single value")]
    [InlineData(Least + "kubernetes: { image: lab/trainharness }", "lacks the key 'results_claim'.")]
    [InlineData(Least + "kubernetes: { image: lab/trainharness, results_claim: Results }", "allowed: small letters, digits and '-'.")]
    public void What_was_not_understood_is_one_line_that_says_where_and_what_is_allowed(string text, string expected)
    {
        var error = Assert.Throws<ConfigurationException>(() => Read(text));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static Cluster Read(string text) => ClusterReader.Fields.Read(ConfigurationNode.Parse("cluster.yaml", text));
}
