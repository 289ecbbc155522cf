using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace TrainHarness.Protocol;

/// <summary>Reads what a cluster is asked for: a file under configs/clusters, or any other.</summary>
public static partial class ClusterReader
{
    // A script is made of what stands here: no value ends its line, or the quotes that it may stand in.
    private const string OnOneLine = "^[^\\u0000-\\u001f\\u007f]+$";
    private const string InQuotes = "^[^\\u0000-\\u001f\\u007f\"\\\\]+$";
    private const string OneWord = "^[^\\u0000-\\u0020\\u007f\"'\\\\#]+$";
    private const string DnsLabel = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$";
    private const string OptionName = "^[a-z][a-z0-9_-]*$";

    /// <summary>Options of sbatch that the program sets itself, since trials end and go on by them.</summary>
    private static readonly string[] Own =
    [
        "array",
        "chdir",
        "dependency",
        "error",
        "job-name",
        "kill-on-invalid-dep",
        "no-requeue",
        "nodes",
        "ntasks",
        "open-mode",
        "output",
        "parsable",
        "requeue",
        "signal",
        "test-only",
        "time",
        "wait",
        "wrap",
    ];

    private static readonly Kind<string> Word = Matching(Words(), OneWord, "one word without quotes");
    private static readonly Kind<string> Name = Matching(Names(), DnsLabel, "small letters, digits and '-'");
    private static readonly Kind<string> Line = Matching(Lines(), OnOneLine, "one line");
    private static readonly Kind<string> Value = Matching(Values(), InQuotes, "one line without quotes and backslashes");

    private static readonly Fields<KubernetesSettings> OfKubernetes = new(
        new KubernetesSettings("", null, "", null),
        Field.Required(
            "image",
            Word,
            "Image of the container that has the program.",
            (KubernetesSettings settings) => settings.Image,
            (settings, value) => settings with { Image = value }
        ),
        Field.Optional(
            "namespace",
            Name,
            "Namespace of the job; without this key the one that kubectl uses.",
            (KubernetesSettings settings) => settings.Namespace,
            (settings, value) => settings with { Namespace = value }
        ),
        Field.Required(
            "results_claim",
            Name,
            "Persistent volume claim of the results, which many pods write to.",
            (KubernetesSettings settings) => settings.ResultsClaim,
            (settings, value) => settings with { ResultsClaim = value }
        ),
        Field.Optional(
            "data_claim",
            Name,
            "Persistent volume claim of the dataset, which is only read.",
            (KubernetesSettings settings) => settings.DataClaim,
            (settings, value) => settings with { DataClaim = value }
        )
    );

    internal static Fields<Cluster> Fields { get; } =
        new(
            new Cluster { GpusPerNode = 0, TimeoutMinutes = 1 },
            Field.Optional(
                "partition",
                Word,
                "Partition of Slurm.",
                (Cluster cluster) => cluster.Partition,
                (cluster, value) => cluster with { Partition = value }
            ),
            Field.Optional(
                "account",
                Word,
                "Account that is charged.",
                (Cluster cluster) => cluster.Account,
                (cluster, value) => cluster with { Account = value }
            ),
            Field.Optional(
                "qos",
                Word,
                "Quality of service.",
                (Cluster cluster) => cluster.Qos,
                (cluster, value) => cluster with { Qos = value }
            ),
            Field.Optional(
                "constraint",
                Word,
                "Features that the node of a trial must have. A checkpoint goes on only on a device of the same name.",
                (Cluster cluster) => cluster.Constraint,
                (cluster, value) => cluster with { Constraint = value }
            ),
            Field.Required(
                "gpus_per_node",
                Kind.Whole(0, 1),
                "GPUs of a trial: 1, or 0 for trials on a CPU.",
                (Cluster cluster) => cluster.GpusPerNode,
                (cluster, value) => cluster with { GpusPerNode = value }
            ),
            Field.Optional(
                "cpus_per_task",
                Kind.Whole(1, 4096),
                "Processors of a trial; without this key as many as the study's threads.",
                (Cluster cluster) => cluster.CpusPerTask,
                (cluster, value) => cluster with { CpusPerTask = value }
            ),
            Field.Optional(
                "mem_gb",
                Kind.Positive(1_000_000),
                "Memory of a trial in units of 2^30 bytes.",
                (Cluster cluster) => cluster.MemoryGigabytes,
                (cluster, value) => cluster with { MemoryGigabytes = value }
            ),
            Field.Required(
                "timeout_min",
                Kind.Whole(1, 525_600),
                "Time limit of a task in minutes. A trial that needs longer is requeued and goes on.",
                (Cluster cluster) => cluster.TimeoutMinutes,
                (cluster, value) => cluster with { TimeoutMinutes = value }
            ),
            Field.Optional(
                "signal_delay_s",
                Kind.Whole(1, 65_535),
                "How many seconds before its time limit a task is told to save what it has; 90.",
                (Cluster cluster) => cluster.SignalDelaySeconds,
                (cluster, value) => cluster with { SignalDelaySeconds = value }
            ),
            Field.Optional(
                "array_parallelism",
                Kind.Whole(1, 1_000_000),
                "How many trials may run at a time.",
                (Cluster cluster) => cluster.ArrayParallelism,
                (cluster, value) => cluster with { ArrayParallelism = value }
            ),
            Field.Optional(
                "setup",
                Kind.List(Line),
                "Lines of the shell that a task begins with, such as 'module load cuda'.",
                (Cluster cluster) => cluster.Setup.Count == 0 ? null : cluster.Setup,
                (cluster, value) => cluster with { Setup = value }
            ),
            Field.Optional(
                "additional_parameters",
                new Kind<IReadOnlyList<(string Option, string Value)>>(ReadOptions, WriteOptions, OptionsSchema),
                "More options of sbatch for trials, by their long names; true is an option without a value.",
                (Cluster cluster) => cluster.AdditionalParameters.Count == 0 ? null : cluster.AdditionalParameters,
                (cluster, value) => cluster with { AdditionalParameters = value }
            ),
            Field.Optional(
                "kubernetes",
                Kind.Mapping(OfKubernetes),
                "What a job of Kubernetes needs besides.",
                (Cluster cluster) => cluster.Kubernetes,
                (cluster, value) => cluster with { Kubernetes = value }
            )
        )
        {
            Finish = (cluster, node) =>
                cluster.SignalDelaySeconds < 60 * cluster.TimeoutMinutes
                    ? cluster
                    : throw node.Error(
                        "'signal_delay_s' is no less than 'timeout_min'; allowed: a delay that leaves a trial some time to train."
                    ),
        };

    /// <exception cref="Files.ConfigurationException">The file is missing or anything in it was not understood.</exception>
    public static Cluster Read(string file) => Fields.Read(ConfigurationNode.Load(file));

    private static Kind<string> Matching(Regex pattern, string schema, string allowed) =>
        new(
            // The whole text: '$' also stands before a last end of line.
            node =>
                pattern.Match(node.Text()).Length == node.Text().Length
                    ? node.Text()
                    : throw node.Error($"this has a sign that cannot stand here; allowed: {allowed}."),
            text => text,
            () =>
            {
                var text = Kind.Text.Schema();
                text["pattern"] = schema;
                return text;
            }
        );

    private static List<(string Option, string Value)> ReadOptions(ConfigurationNode node)
    {
        var options = new List<(string Option, string Value)>();
        foreach (var (key, value) in node.Pairs())
        {
            var option = key.Replace('_', '-');
            if (!Options().IsMatch(key))
                throw value.Error($"'{key}' is no long name of an option of sbatch; allowed: small letters, digits and '-'.");
            // sbatch takes the beginning of a name for the name.
            if (Own.Any(own => own.StartsWith(option, StringComparison.Ordinal)))
                throw value.Error($"'{key}' is set by trainharness itself; allowed: any option but {string.Join(", ", Own)}.");
            options.Add((option, Value.Read(value)));
        }

        return options;
    }

    private static Dictionary<string, object> WriteOptions(IReadOnlyList<(string Option, string Value)> options) =>
        options.ToDictionary(option => option.Option, option => (object)option.Value);

    private static JsonObject OptionsSchema() =>
        new()
        {
            ["type"] = "object",
            ["propertyNames"] = new JsonObject
            {
                ["pattern"] = OptionName,
                ["not"] = new JsonObject { ["enum"] = new JsonArray([.. Own.Select(option => JsonValue.Create(option))]) },
            },
            ["additionalProperties"] = Value.Schema(),
        };

    [GeneratedRegex(OneWord)]
    private static partial Regex Words();

    [GeneratedRegex(DnsLabel)]
    private static partial Regex Names();

    [GeneratedRegex(OnOneLine)]
    private static partial Regex Lines();

    [GeneratedRegex(InQuotes)]
    private static partial Regex Values();

    [GeneratedRegex(OptionName)]
    private static partial Regex Options();
}
