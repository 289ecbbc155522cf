using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Cli.Tests.Clusters;

/// <summary>A study of parity in a folder of its own, submitted to the pretend cluster by the real program.</summary>
/// <param name="milliseconds">Of the pause in every step; a task that runs once more has none, as nothing is done to it any more.</param>
internal sealed class ClusterStudy(PretendCluster cluster, int milliseconds) : IDisposable
{
    /// <summary>Two entries by two seeds after two seeds of the baseline, which set the target.</summary>
    public const string FromBaseline = """
        name: parity
        workload: parity
        bits: 4
        target: { metric: wrong, from: baseline }
        baseline: wide.small
        entries: [ narrow.small, wide.small.lr-0.02, narrow.small.lr-0.02 ]
        seeds: [1, 2]
        stop: at-schedule-end
        evaluateEveryExamples: 160
        checkpointEveryMinutes: 0.01
        threads: 1
        """;

    private const string Recipe = """
        epochs: 300
        batchSize: 16
        optimizer: { kind: adamw, beta1: 0.9, beta2: 0.999, epsilon: 1.0e-8, weightDecay: 0 }
        plain: { learningRate: 0.03, initialisation: torchvision }
        batchNormalised: { learningRate: 0.03, initialisation: torchvision }
        schedule: { kind: cosine }
        warmUpEpochs: 0
        precision: fp32
        """;

    private const string Cluster = """
        partition: gpu
        gpus_per_node: 1
        cpus_per_task: 1
        mem_gb: 0.5
        timeout_min: 30
        signal_delay_s: 60
        array_parallelism: 3
        setup:
          - 'echo "GPU $CUDA_VISIBLE_DEVICES of $SLURMD_NODENAME, restart ${SLURM_RESTART_COUNT:-0}"'
          - '[ ${SLURM_RESTART_COUNT:-0} -eq 0 ] || export TRAINHARNESS_TEST_PAUSE=0'
        additional_parameters: { comment: two words }
        """;

    private const string File = "configs/studies/parity.yaml";

    private static readonly TimeSpan BeforeItStarts = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    // By the text of the study; each is run once.
    private static readonly ConcurrentDictionary<string, Lazy<Task<Dictionary<string, string>>>> Alone = [];

    private readonly WorkFolder folder = new();
    private string written = "";
    private Task<Dictionary<string, string>>? expected;

    /// <summary>Milliseconds of the pause in every step.</summary>
    public int Pause { get; set; } = milliseconds;

    public ResultStore Store => new(folder["results/parity"]);

    /// <summary>Towards a target that is known from the start, with one seed.</summary>
    public static string GivenTarget(string entries) =>
        FromBaseline
            .Replace("from: baseline", "atMost: 0.05", StringComparison.Ordinal)
            .Replace("[ narrow.small, wide.small.lr-0.02, narrow.small.lr-0.02 ]", entries, StringComparison.Ordinal)
            .Replace("seeds: [1, 2]", "seeds: [1]", StringComparison.Ordinal);

    /// <summary>Writes the study and what else it needs.</summary>
    public ClusterStudy Of(string study, string limits = "timeout_min: 30\nsignal_delay_s: 60")
    {
        written = study;
        folder.Write(File, study);
        folder.Write("configs/recipes/small.yaml", Recipe);
        folder.Write(
            "configs/clusters/pretend.yaml",
            Cluster.Replace("timeout_min: 30\nsignal_delay_s: 60", limits, StringComparison.Ordinal)
        );
        return this;
    }

    public void Write(string name, string text) => folder.Write(name, text);

    public void Delete(string name) => System.IO.File.Delete(folder[name]);

    public bool IsThere(string name) => System.IO.File.Exists(folder[$"results/parity/{name}"]);

    public Task<Trainharness> TrySubmit() =>
        Run(["study", "submit", File, "--executor", "slurm", "--cluster", "pretend", "--device", "cpu"]);

    public async Task<IReadOnlyList<ClusterJob>> Submit(params IEnumerable<string> more)
    {
        // Beside it, as its tasks wait more than they compute.
        expected = Alone.GetOrAdd(written, study => new Lazy<Task<Dictionary<string, string>>>(() => RunAlone(cluster, study))).Value;
        var answer = await Answer([
            "study",
            "submit",
            File,
            "--executor",
            "slurm",
            "--cluster",
            "pretend",
            "--device",
            "cpu",
            "--json",
            .. more,
        ]);
        return
        [
            .. answer
                .GetProperty("jobs")
                .EnumerateArray()
                .Select(job => new ClusterJob(
                    job.GetProperty("name").GetString()!,
                    job.GetProperty("id").GetString()!,
                    [.. job.GetProperty("trials").EnumerateArray().Select(trial => trial.GetString()!)]
                )),
        ];
    }

    /// <summary>What the files say of each trial, and its job with state and reason; null where it has none.</summary>
    public async Task<IReadOnlyList<(string Id, string State, string? Job)>> Status()
    {
        var answer = await Answer(["study", "status", File, "--json"]);
        return
        [
            .. answer
                .GetProperty("trials")
                .EnumerateArray()
                .Select(row =>
                    (
                        row.GetProperty("id").GetString()!,
                        row.GetProperty("state").GetString()!,
                        row.GetProperty("job") is { ValueKind: JsonValueKind.Object } job
                            ? string.Join(' ', ((string[])["id", "state", "reason"]).Select(name => job.GetProperty(name).GetString()))
                                .Trim()
                            : null
                    )
                ),
        ];
    }

    public async Task<IReadOnlyList<string>> Cancel() =>
        [.. (await Answer(["study", "cancel", File, "--json"])).GetProperty("jobs").EnumerateArray().Select(id => id.GetString()!)];

    /// <summary>What a task of the first submission has said, over all its starts.</summary>
    public string Log(ClusterJob job, int index) =>
        System.IO.File.ReadAllText(folder[$"results/parity/submissions/1/{job.Name}-{job.Id}_{index}.log"]);

    /// <summary>Node and GPU of a task that runs, as its log has them of its first start.</summary>
    public string PlaceOf(ClusterJob job, int index)
    {
        Assert.Equal("RUNNING", StateOf(job, index));
        var words = Log(job, index).Split('\n')[0].Split([' ', ',']);
        return $"{words[3]} {words[1]}";
    }

    public string StateOf(ClusterJob job, int index) => cluster.Field($"{job.Id}_{index}", "JobState");

    public async Task Until(Func<bool> reached)
    {
        var watch = Stopwatch.StartNew();
        while (!reached())
        {
            Assert.True(watch.Elapsed < Patience, $"{cluster.Run("squeue", "--array")}\n{Logs()}");
            await Task.Delay(300, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>
    /// Waits for all tasks. One that was requeued starts after some seconds, and not after the two minutes that Slurm lets it wait: its
    /// node refuses a task that begins in the second in which it ended.
    /// </summary>
    public async Task UntilAllEnd(ClusterJob job)
    {
        var waiting = new Dictionary<int, Stopwatch>();
        await Until(() =>
        {
            var states = job.Indices.Select(index => (Index: index, State: StateOf(job, index))).ToList();
            foreach (var (index, state) in states)
            {
                if (state != "PENDING" || cluster.Field($"{job.Id}_{index}", "Reason") != "BeginTime")
                    waiting.Remove(index);
                else if (!waiting.TryGetValue(index, out var since))
                    waiting[index] = Stopwatch.StartNew();
                else if (since.Elapsed > BeforeItStarts)
                    cluster.Hurry($"{job.Id}_{index}");
            }

            return states.TrueForAll(task => task.State == "COMPLETED");
        });
    }

    /// <summary>Compares every record with that of the same study on this machine alone, without pauses.</summary>
    public async Task RequireTheRecordsOfOneMachine()
    {
        var alone = await expected!;
        Assert.NotEmpty(alone);
        foreach (var (trial, record) in alone)
            Assert.Equal(record, Records.Comparable(Store, trial));
    }

    public void Dispose() => folder.Dispose();

    private static async Task<Dictionary<string, string>> RunAlone(PretendCluster cluster, string text)
    {
        using var study = new ClusterStudy(cluster, milliseconds: 0).Of(text);
        var run = await study.Run(["study", "run", File, "--device", "cpu", "--parallel", "2"]);
        Assert.True(run.ExitCode == 0, run.Error);
        return StudyReader
            .ReadResolved(study.Store.StudyFile)
            .Trials.ToDictionary(trial => trial.Id, trial => Records.Comparable(study.Store, trial.Id));
    }

    private async Task<JsonElement> Answer(IEnumerable<string> arguments)
    {
        var run = await Run(arguments);
        Assert.True(run.ExitCode == 0, run.Error);
        return JsonDocument.Parse(run.Output).RootElement;
    }

    // How threads wait stands in the records.
    private Task<Trainharness> Run(IEnumerable<string> arguments) =>
        Trainharness.Run(
            folder.Path,
            TestProgram.File,
            [cluster.Variable, (PatientParity.Variable, $"{Pause}"), ("TRAINHARNESS_WAIT", "passive")],
            arguments
        );

    private string Logs() =>
        string.Join(
            '\n',
            Directory
                .EnumerateFiles(folder["results/parity/submissions"], "*.log", SearchOption.AllDirectories)
                .Select(file => $"{file}:\n{System.IO.File.ReadAllText(file)}")
        );
}

/// <summary>A job of a submitted study.</summary>
/// <param name="Trials">By index.</param>
internal sealed record ClusterJob(string Name, string Id, IReadOnlyList<string> Trials)
{
    public IEnumerable<int> Indices => Enumerable.Range(0, Trials.Count);
}
