using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TrainHarness.Cli.Execution;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Results;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.EventEmitters;

namespace TrainHarness.Cli.Clusters;

/// <summary>
/// A study as one Indexed Job of Kubernetes (batch/v1), with the study and its manifest in a ConfigMap. There is no order among indices
/// but their numbers:
/// the baseline comes first, and a trial that runs before its target is known learns it from the results.
/// </summary>
internal static class KubernetesJob
{
    // Of an object in etcd.
    private const int LargestBytes = 1 << 20;

    // Without the time. With that and an index it is the name of a pod, which has 63 letters.
    private const int LongestName = 40;

    // What belongs to one study, of any of its submissions.
    private const string StudyLabel = "app.kubernetes.io/part-of";

    // A pod that fails for another reason than a stop is started this often again.
    private const int Retries = 3;

    private const string Container = "trial";
    private const string StudyFolder = "/study";
    private const string ResultsFolder = "/results";
    private const string DataFolder = "/data";

    private static readonly ISerializer Serializer = new SerializerBuilder()
        .DisableAliases()
        .WithIndentedSequences()
        .WithEventEmitter(next => new LinesAsTheyAre(next))
        .Build();

    /// <param name="missing">Trials that are not done, in their order.</param>
    /// <param name="device">As <c>--device</c> names it.</param>
    /// <param name="now">Is a part of its name, so that every submission has one of its own.</param>
    /// <returns>Two YAML documents, for <c>kubectl apply</c>.</returns>
    /// <exception cref="ConfigurationException">The cluster file says nothing of Kubernetes, or the study does not fit an object of
    /// it.</exception>
    public static string Of(Study study, IReadOnlyList<Trial> missing, Cluster cluster, string device, DateTimeOffset now)
    {
        var settings = cluster.Kubernetes
            ?? throw new ConfigurationException(
                "--cluster: the file lacks the key 'kubernetes', which names the image and the volume claim of the results."
            );
        if (study.Sources.Count > 0)
            throw new ConfigurationException(
                $"{study.Name}: has code of its own, which a job of Kubernetes does not carry; allowed: networks of the catalogue."
            );
        var fingerprints = study.AllEntries.ToDictionary(entry => entry.Name, entry => TrialFingerprint.Of(study, entry));
        var manifest = new TrialManifest(
            $"{StudyFolder}/study.yaml",
            ResultsFolder,
            settings.DataClaim is null ? null : DataFolder,
            device,
            [.. missing.Select(trial => new ManifestTrial(trial.Id, fingerprints[trial.Entry.Name]))]
        );
        var text = string.Concat(
            Documents(study, manifest, cluster, settings, now).Select(document => $"---\n{Serializer.Serialize(document)}")
        );
        return Encoding.UTF8.GetByteCount(text) <= LargestBytes
            ? text
            : throw new ConfigurationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{study.Name}: {missing.Count} trials do not fit an object of Kubernetes (1 MiB); allowed: fewer seeds or entries."
                )
            );
    }

    private static IEnumerable<object> Documents(
        Study study,
        TrialManifest manifest,
        Cluster cluster,
        KubernetesSettings settings,
        DateTimeOffset now
    )
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{NameOf(study)}-{now.UtcDateTime:yyMMdd-HHmmss}");
        var metadata = new Dictionary<string, object>
        {
            ["name"] = name,
            ["labels"] = new Dictionary<string, object> { [StudyLabel] = LabelOf(study) },
        };
        if (settings.Namespace is { } space)
            metadata["namespace"] = space;
        yield return new Dictionary<string, object>
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = metadata,
            ["data"] = new Dictionary<string, object>
            {
                ["study.yaml"] = StudyWriter.ToYaml(study),
                ["trials.json"] = ResultsJson.Write(manifest) + "\n",
            },
        };
        yield return new Dictionary<string, object>
        {
            ["apiVersion"] = "batch/v1",
            ["kind"] = "Job",
            ["metadata"] = metadata,
            ["spec"] = new Dictionary<string, object>
            {
                ["completionMode"] = "Indexed",
                ["completions"] = manifest.Trials.Count,
                ["parallelism"] = Math.Min(cluster.ArrayParallelism ?? manifest.Trials.Count, manifest.Trials.Count),
                ["backoffLimitPerIndex"] = Retries,
                ["maxFailedIndexes"] = manifest.Trials.Count,
                ["podFailurePolicy"] = new Dictionary<string, object> { ["rules"] = Rules() },
                ["template"] = new Dictionary<string, object> { ["spec"] = Pod(name, study, cluster, settings) },
            },
        };
    }

    // Stopped on request, or evicted, a trial goes on from its checkpoint; what cannot run is not tried again.
    private static List<object> Rules() =>
        [
            new Dictionary<string, object>
            {
                ["action"] = "Ignore",
                ["onPodConditions"] = new List<object>
                {
                    new Dictionary<string, object> { ["type"] = "DisruptionTarget", ["status"] = "True" },
                },
            },
            new Dictionary<string, object> { ["action"] = "Ignore", ["onExitCodes"] = Status(ExitStatus.Stopped) },
            new Dictionary<string, object> { ["action"] = "FailIndex", ["onExitCodes"] = Status(ExitStatus.BadUsage) },
        ];

    private static Dictionary<string, object> Status(int status) =>
        new()
        {
            ["containerName"] = Container,
            ["operator"] = "In",
            ["values"] = new List<int> { status },
        };

    private static Dictionary<string, object> Pod(string name, Study study, Cluster cluster, KubernetesSettings settings)
    {
        var needs = new Dictionary<string, object> { ["cpu"] = Text(cluster.CpusPerTask ?? study.Threads) };
        if (cluster.MemoryGigabytes is { } memory)
            needs["memory"] = string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(memory * 1024):0}Mi");
        if (cluster.GpusPerNode > 0)
            needs["nvidia.com/gpu"] = Text(cluster.GpusPerNode);
        List<object> mounts = [Mount("study", StudyFolder, isReadOnly: true), Mount("results", ResultsFolder, isReadOnly: false)];
        List<object> volumes =
        [
            new Dictionary<string, object>
            {
                ["name"] = "study",
                ["configMap"] = new Dictionary<string, object> { ["name"] = name },
            },
            Claim("results", settings.ResultsClaim, isReadOnly: false),
        ];
        if (settings.DataClaim is { } data)
        {
            mounts.Add(Mount("data", DataFolder, isReadOnly: true));
            volumes.Add(Claim("data", data, isReadOnly: true));
        }

        return new Dictionary<string, object>
        {
            ["restartPolicy"] = "Never",
            ["terminationGracePeriodSeconds"] = cluster.SignalDelaySeconds,
            ["containers"] = new List<object>
            {
                new Dictionary<string, object>
                {
                    ["name"] = Container,
                    ["image"] = settings.Image,
                    ["args"] = new List<string> { "study", "task", $"{StudyFolder}/trials.json" },
                    // No study can have this name.
                    ["env"] = new List<object>
                    {
                        new Dictionary<string, object> { ["name"] = "TRAINHARNESS_CACHE", ["value"] = $"{ResultsFolder}/.cache" },
                    },
                    ["resources"] = new Dictionary<string, object> { ["requests"] = needs, ["limits"] = needs },
                    ["volumeMounts"] = mounts,
                },
            },
            ["volumes"] = volumes,
        };
    }

    private static Dictionary<string, object> Mount(string name, string path, bool isReadOnly) =>
        new()
        {
            ["name"] = name,
            ["mountPath"] = path,
            ["readOnly"] = isReadOnly,
        };

    private static Dictionary<string, object> Claim(string name, string claim, bool isReadOnly) =>
        new()
        {
            ["name"] = name,
            ["persistentVolumeClaim"] = new Dictionary<string, object> { ["claimName"] = claim, ["readOnly"] = isReadOnly },
        };

    // Small letters, digits and '-'; a study's name has more.
    private static string NameOf(Study study)
    {
        var name = $"trainharness-{study.Name.ToLowerInvariant().Replace('.', '-').Replace('_', '-')}";
        return (name.Length <= LongestName ? name : name[..LongestName]).TrimEnd('-');
    }

    // Two names that are cut or written alike are two studies.
    private static string LabelOf(Study study) =>
        NameOf(study) is var name && name == $"trainharness-{study.Name}"
            ? name
            : $"{name}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(study.Name)))[..8]}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed class LinesAsTheyAre(IEventEmitter next) : ChainedEventEmitter(next)
    {
        public override void Emit(ScalarEventInfo eventInfo, IEmitter emitter)
        {
            if (eventInfo.Source.Value is string text)
            {
                // A number in quotes stays a text.
                eventInfo.Style =
                    text.Contains('\n', StringComparison.Ordinal) ? ScalarStyle.Literal
                    : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
                    || text is "True" or "true" or "False" or "false"
                        ? ScalarStyle.DoubleQuoted
                    : eventInfo.Style;
            }

            base.Emit(eventInfo, emitter);
        }
    }
}
