using k8s;
using k8s.Models;

namespace TrainHarness.Cli.Tests.Clusters;

/// <summary>The job for Kubernetes, read by the types of the published API, which know no other field.</summary>
public sealed class KubernetesTests : IDisposable
{
    private const string File = "configs/studies/small.yaml";

    private readonly WorkFolder folder = new();

    public KubernetesTests()
    {
        folder.Write(File, WorkFolder.Study.Replace("seeds: [1]", "seeds: [1, 2]", StringComparison.Ordinal));
        folder.Write(
            "configs/clusters/ours.yaml",
            """
            gpus_per_node: 1
            cpus_per_task: 4
            mem_gb: 31.5
            timeout_min: 240
            signal_delay_s: 120
            array_parallelism: 3
            kubernetes: { image: lab/trainharness, namespace: research, results_claim: results, data_claim: imagenet }
            """
        );
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_study_is_one_indexed_job_that_retries_an_index_and_goes_on_after_a_stop()
    {
        var run = await Submit("--dry-run");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var documents = KubernetesYaml.LoadAllFromString(run.Output, strict: true);
        var (files, job) = (Assert.IsType<V1ConfigMap>(documents[0]), Assert.IsType<V1Job>(documents[1]));
        Assert.Equal(("trainharness-small", "research"), (job.Metadata.Name, job.Metadata.NamespaceProperty));
        Assert.Equal(
            ("Indexed", 4, 3, 3),
            (job.Spec.CompletionMode, job.Spec.Completions, job.Spec.Parallelism, job.Spec.BackoffLimitPerIndex)
        );
        Assert.Equal(["Ignore", "Ignore", "FailIndex"], job.Spec.PodFailurePolicy.Rules.Select(rule => rule.Action));
        Assert.Equal([75], job.Spec.PodFailurePolicy.Rules[1].OnExitCodes.Values);
        Assert.Equal([2], job.Spec.PodFailurePolicy.Rules[2].OnExitCodes.Values);
        var pod = job.Spec.Template.Spec;
        Assert.Equal(("Never", 120), (pod.RestartPolicy, pod.TerminationGracePeriodSeconds));
        var container = Assert.Single(pod.Containers);
        Assert.Equal(("lab/trainharness", "study task /study/trials.json"), (container.Image, string.Join(' ', container.Args)));
        Assert.Equal(("1", "4", "32256Mi"), (Limit("nvidia.com/gpu"), Limit("cpu"), Limit("memory")));
        Assert.Equal(["/study", "/results", "/data"], container.VolumeMounts.Select(mount => mount.MountPath));
        Assert.Equal(["results", "imagenet"], pod.Volumes.Select(volume => volume.PersistentVolumeClaim?.ClaimName).OfType<string>());
        Assert.Equal(["study.yaml", "trials.json"], files.Data.Keys.Order());
        Assert.Equal(files.Metadata.Name, pod.Volumes[0].ConfigMap.Name);

        string Limit(string name) => container.Resources.Limits[name].ToString();
    }

    [Fact]
    public async Task The_study_in_it_is_complete_and_its_manifest_names_the_same_trials()
    {
        var files = (V1ConfigMap)KubernetesYaml.LoadAllFromString((await Submit("--dry-run")).Output)[0];
        // Where nothing else is: no recipe, no dataset file.
        using var elsewhere = new TemporaryFolder();
        System.IO.File.WriteAllText(elsewhere["study.yaml"], files.Data["study.yaml"]);
        System.IO.File.WriteAllText(
            elsewhere["trials.json"],
            files
                .Data["trials.json"]
                .Replace("/study/study.yaml", elsewhere["study.yaml"], StringComparison.Ordinal)
                .Replace("\"/results\"", $"\"{elsewhere["results"]}\"", StringComparison.Ordinal)
                .Replace("\"/data\"", "null", StringComparison.Ordinal)
                .Replace("\"cuda\"", "\"cpu\"", StringComparison.Ordinal)
        );
        var task = await Trainharness.Run(elsewhere.Path, [("JOB_COMPLETION_INDEX", "0")], ["study", "task", "trials.json"]);
        Assert.True(task.ExitCode == 0, task.Error);
        Assert.Contains("resnet18.small/seed-1: task 0 on ", task.Output, StringComparison.Ordinal);
        Assert.True(System.IO.File.Exists(elsewhere["results/small/resnet18.small/seed-1/record.json"]));
    }

    [Fact]
    public async Task It_is_written_and_never_submitted()
    {
        var run = await Submit();
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--executor kubernetes: writes a job and submits nothing; allowed: --dry-run", run.Error, StringComparison.Ordinal);
    }

    private Task<Trainharness> Submit(params IEnumerable<string> more) =>
        Trainharness.Run(folder.Path, ["study", "submit", File, "--executor", "kubernetes", "--cluster", "ours", .. more]);
}
