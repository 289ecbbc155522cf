using System.Text.Json.Serialization;
using TrainHarness.Compute;
using TrainHarness.Protocol;

namespace TrainHarness.Results;

/// <summary>How a trial ended. All of these are results, not failures.</summary>
public enum Outcome
{
    /// <summary>A baseline trial that ran its whole schedule before there was a target.</summary>
    Completed,

    /// <summary>An evaluation reached the target.</summary>
    Reached,

    /// <summary>The whole schedule passed and no evaluation reached the target.</summary>
    Missed,

    /// <summary>The loss or a weight was not finite.</summary>
    Diverged,
}

/// <summary>record.json: everything that is known of a finished trial. Unknown is null.</summary>
public sealed record TrialRecord
{
    /// <summary>Version of the measuring rules.</summary>
    public required int Protocol { get; init; }

    public required string Study { get; init; }

    /// <summary>The kind of problem; absent for image classification, as in records of before there was another.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Workload { get; init; }

    /// <summary>ENTRY/seed-N.</summary>
    public required string Id { get; init; }

    public required string Entry { get; init; }

    public required int Seed { get; init; }

    public required ArchitectureRecord Architecture { get; init; }

    public required Recipe Recipe { get; init; }

    /// <summary>The recipe's learning rate for this architecture, with the entry's variant applied.</summary>
    public required StartRule Start { get; init; }

    /// <summary>What the trial measures; see <see cref="TrialFingerprint"/>.</summary>
    public required string ConfigurationSha256 { get; init; }

    public required Outcome Outcome { get; init; }

    /// <summary>What was not finite; absent unless the trial diverged.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Divergence { get; init; }

    /// <summary>
    /// What each metric of its evaluations is; absent from records of protocol 1, where each was a part of the validation examples.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Metric>? Metrics { get; init; }

    public required TargetRecord Target { get; init; }

    /// <summary>What the target is a level of.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Metrics"/> lacks it, which no record that was checked does.</exception>
    public Metric Metric =>
        Metrics is null ? Metric.OfProtocol1(Target.Metric, Target.Chance) : Metrics.First(metric => metric.Name == Target.Metric);

    /// <summary>Null where the target was not reached, or not yet known.</summary>
    public required CrossingRecord? Crossing { get; init; }

    /// <summary>All that was spent, confirming evaluations included.</summary>
    public required ComputeLedger Ledger { get; init; }

    public required long Steps { get; init; }

    public required long Examples { get; init; }

    public required double Epochs { get; init; }

    public required ClockRecord Clocks { get; init; }

    /// <summary>What it trained on beyond its end, before it learnt its target; in no other number here. Absent where it did not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BeyondRecord? Beyond { get; init; }

    /// <summary>Energy of training; null where it was not measured all the time.</summary>
    public required double? Joules { get; init; }

    /// <summary>
    /// What counted the joules, and whose they are; absent where nothing did. Those of different meters are never divided by each other.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? EnergyMeter { get; init; }

    public required DatasetRecord Dataset { get; init; }

    public required EnvironmentRecord Environment { get; init; }

    /// <summary>SHA-256 of evaluations.csv.</summary>
    public required string EvaluationsSha256 { get; init; }

    /// <summary>
    /// SHA-256 of the network's last weights and buffers, by name; absent from records of before there were checkpoints, and with <see
    /// cref="Beyond"/>.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? WeightsSha256 { get; init; }

    /// <summary>What was measured once at the end; absent where the workload has nothing for that.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TestRecord? Test { get; init; }
}

/// <summary>The network of a trial, with what its training step costs.</summary>
/// <param name="Published">Day of publication; null where code of the user's own does not say it.</param>
/// <param name="Paper">Likewise.</param>
/// <param name="ForwardMacs">Per example.</param>
/// <param name="TrainingMacs">Forward and backward, per example.</param>
/// <param name="SourceSha256">Of the file, where the network is code of the user's own; absent for one of this program.</param>
public sealed record ArchitectureRecord(
    string Name,
    DateOnly? Published,
    string? Paper,
    long Parameters,
    Macs ForwardMacs,
    Macs TrainingMacs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? SourceSha256 = null
);

/// <summary>What was to be reached. The threshold of a baseline trial is not known while it runs.</summary>
/// <param name="Metric">Name of one of the record's metrics.</param>
/// <param name="Chance">In records of protocol 1, the value of blind guessing; later ones have it in the metric.</param>
public sealed record TargetRecord(
    string Metric,
    double? Threshold,
    bool FromBaseline,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Chance = null
);

/// <summary>
/// Where time went, in seconds. Only training is charged. Of a trial that was stopped and resumed the parts add up, and what lies between
/// is in none.
/// </summary>
/// <param name="EvaluationSeconds">
/// Null where a trial ran beyond its end and a checkpoint of an earlier version does not say what its evaluations before that took.
/// </param>
/// <param name="StartUpSeconds">All but training and evaluation: start-up, warm-up, checkpoints, looks for the target.</param>
/// <param name="Started">The first start, by the machine's clock, which no duration is taken from.</param>
/// <param name="DataWaitSeconds">
/// Part of training in which the host waited for a batch; null in records of versions that did not measure it.
/// </param>
/// <param name="SuspendedSeconds">In which the process was suspended; in none of the others. Null in records of before.</param>
/// <param name="TrialsPerDevice">
/// How many trials shared the device, so that no time here is this one's own; null where it was alone.
/// </param>
public sealed record ClockRecord(
    double TrainingSeconds,
    double? EvaluationSeconds,
    double StartUpSeconds,
    DateTimeOffset Started,
    DateTimeOffset Finished,
    double? DataWaitSeconds = null,
    double? SuspendedSeconds = null,
    int? TrialsPerDevice = null
)
{
    /// <summary>Whether its times are those of this trial alone.</summary>
    [JsonIgnore]
    public bool IsItsOwn => TrialsPerDevice is null;
}

/// <summary>
/// Training of a trial that started before its target was known, past where it stops at its target. Nothing of it is charged.
/// </summary>
public sealed record BeyondRecord(long Examples, Macs TrainingMacs, double Seconds);

/// <summary>
/// What was trained on. Classes and sizes are those of images; another workload says in <see cref="Words"/> what its examples are.
/// </summary>
public sealed record DatasetRecord
{
    public required string Name { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Classes { get; init; }

    public required int TrainExamples { get; init; }

    public required int ValidationExamples { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ImageSize { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? PackSize { get; init; }

    /// <summary>What the examples are, for people: <c>rows of 8 bits</c>; absent for images.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Words { get; init; }

    /// <summary>Identifies what was read.</summary>
    public required string SourceSha256 { get; init; }

    /// <summary>Identifies what was trained and evaluated on.</summary>
    public required string PackSha256 { get; init; }

    /// <summary>How many files of the source were not read, by reason; absent from records of versions that did not count them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, int>? PassedOver { get; init; }
}

/// <summary>The machine and the software of a trial.</summary>
public sealed record EnvironmentRecord
{
    /// <summary><c>cpu</c> or <c>cuda:N</c>.</summary>
    public required string Device { get; init; }

    /// <summary>Name of the processor or of the GPU.</summary>
    public required string? DeviceName { get; init; }

    public required string? Driver { get; init; }

    public required int Threads { get; init; }

    public required int ProcessorCount { get; init; }

    public required string OperatingSystem { get; init; }

    public required string Runtime { get; init; }

    public required string TorchSharp { get; init; }

    public required string Libtorch { get; init; }

    public required string CodeVersion { get; init; }

    /// <summary>Number format of the training arithmetic, as the recipe names it.</summary>
    public required string Precision { get; init; }

    public required bool? Tf32 { get; init; }

    /// <summary>Whether cuDNN timed its kernels and kept the fastest; null without a GPU.</summary>
    public bool? CudnnBenchmark { get; init; }

    /// <summary>Whether the GPU had to give the same bits every time; null without a GPU.</summary>
    public bool? Deterministic { get; init; }

    /// <summary>
    /// <c>resident</c>: the examples lay on the device; <c>streamed</c>: they were read ahead. Null in records of versions that knew only
    /// one way.
    /// </summary>
    public string? DataPath { get; init; }

    /// <summary>Fast paths through libtorch's own symbols that were active.</summary>
    public required IReadOnlyList<string> NativePaths { get; init; }
}

/// <summary>
/// The first evaluation at the target, the first that was never followed by a worse one, and the evaluation before the first.
/// </summary>
/// <param name="First">Index of the evaluation, from 0.</param>
/// <param name="Sustained">Null where the last evaluation was worse than the target.</param>
/// <param name="BracketExamples">
/// Examples seen at the evaluation before the crossing; 0 where there was none. The true crossing lies between.
/// </param>
public sealed record CrossingRecord(int First, int? Sustained, long BracketExamples, long Examples, Macs TrainingMacs, double Seconds)
{
    public static CrossingRecord? From(Crossing? crossing, IReadOnlyList<Evaluation> evaluations) =>
        crossing is null
            ? null
            : new CrossingRecord(
                crossing.First,
                crossing.Sustained,
                crossing.First == 0 ? 0 : evaluations[crossing.First - 1].Examples,
                evaluations[crossing.First].Examples,
                evaluations[crossing.First].Ledger.Training,
                evaluations[crossing.First].Seconds
            );
}
