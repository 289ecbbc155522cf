using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Results.Validation;

namespace TrainHarness.Results;

/// <summary>The files of one study under <paramref name="folder"/>, as DESIGN section 5 lays them out.</summary>
public sealed class ResultStore(string folder)
{
    // A million evaluations.
    private const long LargestBytes = 256 << 20;

    public string Folder { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));

    public string StudyFile => Path.Combine(Folder, "study.yaml");

    public string TrialFolder(string trialId) => Path.Combine([Folder, .. trialId.Split('/')]);

    public string LogFile(string trialId) => Path.Combine(TrialFolder(trialId), "log.jsonl");

    /// <summary>Where a trial stands while it is unfinished.</summary>
    public string CheckpointFile(string trialId) => Path.Combine(TrialFolder(trialId), "checkpoint.bin");

    /// <summary>The checkpoint before that.</summary>
    public string PreviousCheckpointFile(string trialId) => Path.Combine(TrialFolder(trialId), "checkpoint.previous.bin");

    public bool HasCheckpoint(string trialId) => File.Exists(CheckpointFile(trialId)) || File.Exists(PreviousCheckpointFile(trialId));

    /// <summary>Writes evaluations first and the record last: a record that exists is complete.</summary>
    /// <param name="beforeRename">Runs before either file takes its place; what it throws keeps it from doing so.</param>
    public void Write(TrialRecord record, IReadOnlyList<Evaluation> evaluations, Action? beforeRename = null)
    {
        var trial = TrialFolder(record.Id);
        var csv = EvaluationTable.ToCsv(
            evaluations,
            [.. record.Metrics!.Select(metric => metric.Name).Where(name => name != Metric.LossName)]
        );
        AtomicFile.Write(Path.Combine(trial, "evaluations.csv"), csv, beforeRename);
        AtomicFile.Write(
            Path.Combine(trial, "record.json"),
            ResultsJson.Write(record with { EvaluationsSha256 = Sha256(csv) }) + "\n",
            beforeRename
        );
    }

    /// <summary>A finished trial needs no checkpoint.</summary>
    public void RemoveCheckpoints(string trialId)
    {
        File.Delete(CheckpointFile(trialId));
        File.Delete(PreviousCheckpointFile(trialId));
    }

    /// <summary>The finished trial; null where there is no record.</summary>
    /// <exception cref="ConfigurationException">The record cannot be read, or does not fit its evaluations.</exception>
    public TrialResult? Read(string trialId)
    {
        var file = Path.Combine(TrialFolder(trialId), "record.json");
        if (PlainFile.Read(file, LargestBytes) is not { } json)
            return null;
        var record = ReadRecord(file, json);
        if (RecordCheck.OriginProblem(record, trialId) is { } foreign)
            throw new ConfigurationException($"{file}: {foreign}");
        var evaluations = ReadEvaluations(file, record);
        return RecordCheck.Problem(record, evaluations) is { } problem
            ? throw new ConfigurationException($"{file}: {problem}")
            : new TrialResult(record, evaluations);
    }

    private static TrialRecord ReadRecord(string file, byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize<TrialRecord>(WithoutMark(json), ResultsJson.Options)
                ?? throw new ConfigurationException($"{file}: the record is empty.");
        }
        catch (JsonException error)
        {
            throw new ConfigurationException(
                $"{file}:{error.LineNumber + 1}:{error.BytePositionInLine + 1}: {error.Message.Split('\n')[0]}",
                error
            );
        }
        catch (NotSupportedException error)
        {
            // A rule of a recipe that does not say of which kind it is.
            throw new ConfigurationException($"{file}: {error.Message.Split('\n')[0]}", error);
        }
    }

    private static IReadOnlyList<Evaluation> ReadEvaluations(string recordFile, TrialRecord record)
    {
        var file = Path.Combine(Path.GetDirectoryName(recordFile)!, "evaluations.csv");
        if (PlainFile.Read(file, LargestBytes) is not { } bytes)
            throw new ConfigurationException($"{file}: missing; its record stands beside it.");
        var csv = Encoding.UTF8.GetString(WithoutMark(bytes));
        if (Sha256(csv) != record.EvaluationsSha256)
            throw new ConfigurationException($"{file}: not the file that record.json was written for (SHA-256 differs).");
        try
        {
            return EvaluationTable.FromCsv(csv);
        }
        catch (InvalidDataException error)
        {
            throw new ConfigurationException($"{file}: {error.Message}", error);
        }
    }

    // Some editors put a byte order mark before what they save.
    private static ReadOnlySpan<byte> WithoutMark(byte[] text) =>
        text.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? text.AsSpan(Encoding.UTF8.Preamble.Length) : text;

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
