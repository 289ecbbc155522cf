using k8s;
using k8s.Models;
using TrainHarness.Cli.Clusters;
using TrainHarness.Cli.Commands;
using TrainHarness.Protocol;
using TrainHarness.Training;

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
        // A submission of its own, of a study by whose label all of them are found.
        Assert.Matches("^trainharness-small-[0-9]{6}-[0-9]{6}$", job.Metadata.Name);
        Assert.Equal("research", job.Metadata.NamespaceProperty);
        Assert.All([job.Metadata, files.Metadata], metadata =>
            Assert.Equal([("app.kubernetes.io/part-of", "trainharness-small")], metadata.Labels.Select(label => (label.Key, label.Value)))
        );
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
    public void Every_submission_has_a_name_of_its_own_that_leaves_room_for_an_index()
    {
        folder.Write(File, WorkFolder.Study.Replace("name: small", $"name: {new string('a', 60)}", StringComparison.Ordinal));
        var study = StudyReader.Read(folder[File], WorkloadCatalog.Shipped.Vocabularies);
        var cluster = ClusterReader.Read(folder["configs/clusters/ours.yaml"]);
        string NameAt(DateTimeOffset now)
        {
            var documents = KubernetesYaml.LoadAllFromString(
                KubernetesJob.Of(study, [.. study.Trials], cluster, "cuda", now),
                strict: true
            );
            Assert.Equal(((V1ConfigMap)documents[0]).Metadata.Name, ((V1Job)documents[1]).Metadata.Name);
            return ((V1Job)documents[1]).Metadata.Name;
        }

        var first = NameAt(DateTimeOffset.UnixEpoch);
        Assert.EndsWith("aa-700101-000000", first, StringComparison.Ordinal);
        Assert.NotEqual(first, NameAt(DateTimeOffset.UnixEpoch.AddSeconds(1)));
        // A pod's host is called NAME-INDEX, in 63 letters.
        Assert.InRange(first.Length + "-100000".Length, 1, 63);
    }

    [Fact]
    public async Task The_pod_of_the_docs_packs_the_dataset_where_the_pods_of_the_job_look_for_it()
    {
        var text = System.IO.File.ReadAllText(Path.Combine(Trainharness.Repository, "docs", "cluster.md"));
        var shown = text.Split("<<'END'\n")[1].Split("\nEND\n")[0];
        var preparing = Assert.IsType<V1Pod>(Assert.Single(KubernetesYaml.LoadAllFromString(shown, strict: true)));
        var command = CommandLine.Create(WorkloadCatalog.Shipped);
        Assert.Null(CommandLine.Problem(command.Parse([.. preparing.Spec.Containers[0].Args])));
        var job = (V1Job)KubernetesYaml.LoadAllFromString((await Submit("--dry-run")).Output)[1];
        var trial = job.Spec.Template.Spec.Containers[0];
        Assert.Equal(CacheOf(trial), CacheOf(preparing.Spec.Containers[0]));
        var mount = preparing
            .Spec.Containers[0]
            .VolumeMounts.Single(mount => CacheOf(trial).StartsWith(mount.MountPath, StringComparison.Ordinal));
        Assert.Contains(trial.VolumeMounts, own => own.MountPath == mount.MountPath && !own.ReadOnlyProperty!.Value);
        // The claim of the example that is shown beside it.
        Assert.Equal(
            ClusterReader.Read(ClusterFile.Find("kubernetes-gpu")).Kubernetes!.ResultsClaim,
            preparing.Spec.Volumes.Single(volume => volume.Name == mount.Name).PersistentVolumeClaim.ClaimName
        );

        static string CacheOf(V1Container container) => container.Env.Single(variable => variable.Name == "TRAINHARNESS_CACHE").Value;
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
