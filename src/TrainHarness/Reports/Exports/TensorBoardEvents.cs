using System.Buffers.Binary;
using System.Numerics;
using Google.Protobuf;
using TrainHarness.Analysis;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Reports.Exports;

/// <summary>
/// TensorBoard's events of every trial: TFRecords (length, data, and a masked CRC-32C of each) of tensorflow.Event messages with scalars.
/// Made of the evaluations, which a resumed trial has once each, so that no step stands twice.
/// </summary>
internal static class TensorBoardEvents
{
    /// <summary>The same for every run of a trial, so that a new one takes the place of the old.</summary>
    public const string FileName = "events.out.tfevents.trainharness";

    private const string Version = "brain.Event:2";

    // Of event.proto and summary.proto.
    private const int WallTime = 1;
    private const int Step = 2;
    private const int FileVersion = 3;
    private const int Summary = 5;
    private const int SummaryValue = 1;
    private const int Tag = 1;
    private const int SimpleValue = 2;

    // TFRecord's, against sums of data that holds sums.
    private const uint MaskDelta = 0xa282ead8;

    public static IEnumerable<ExportedFile> Of(AnalysedStudy analysed) =>
        analysed.Trials().Select(trial => new ExportedFile($"{trial.Record.Id}/{FileName}", Content(trial)));

    private static byte[] Content(TrialResult trial)
    {
        using var file = new MemoryStream();
        var times = new TrialTimes(trial);
        WriteRecord(file, Message(output => WriteHeader(output, times.Start)));
        foreach (var (index, evaluation) in trial.Evaluations.Index())
        {
            var scalars = Scalars(trial.Record, evaluation).ToList();
            WriteRecord(file, Message(output => WriteEvent(output, times.EvaluationEnd(index), evaluation.Step, scalars)));
        }

        return file.ToArray();
    }

    private static IEnumerable<(string Tag, double Value)> Scalars(TrialRecord record, Evaluation evaluation)
    {
        if (evaluation.Loss is { } loss)
            yield return ($"evaluation/{Metric.LossName}", loss);
        foreach (var (name, value) in evaluation.Metrics)
            yield return ($"evaluation/{name}", value);
        yield return ("spent/trainingTeraMacs", evaluation.Ledger.Training.ToDouble() / 1e12);
        yield return ("spent/examples", evaluation.Examples);
        yield return ("spent/epochs", evaluation.Epoch);
        if (record.Clocks.IsItsOwn)
            yield return ("spent/seconds", evaluation.Seconds);
        if (evaluation.Joules is { } joules)
            yield return ("spent/joules", joules);
    }

    private static void WriteHeader(CodedOutputStream output, DateTimeOffset time)
    {
        WriteTime(output, time);
        output.WriteTag(FileVersion, WireFormat.WireType.LengthDelimited);
        output.WriteString(Version);
    }

    private static void WriteEvent(
        CodedOutputStream output,
        DateTimeOffset time,
        long step,
        IReadOnlyList<(string Tag, double Value)> scalars
    )
    {
        WriteTime(output, time);
        output.WriteTag(Step, WireFormat.WireType.Varint);
        output.WriteInt64(step);
        WriteMessage(output, Summary, summary =>
        {
            foreach (var (tag, value) in scalars)
                WriteMessage(summary, SummaryValue, inner => WriteScalar(inner, tag, value));
        });
    }

    private static void WriteScalar(CodedOutputStream output, string tag, double value)
    {
        output.WriteTag(Tag, WireFormat.WireType.LengthDelimited);
        output.WriteString(tag);
        output.WriteTag(SimpleValue, WireFormat.WireType.Fixed32);
        output.WriteFloat((float)value);
    }

    private static void WriteTime(CodedOutputStream output, DateTimeOffset time)
    {
        output.WriteTag(WallTime, WireFormat.WireType.Fixed64);
        output.WriteDouble((time - DateTimeOffset.UnixEpoch).TotalSeconds);
    }

    private static void WriteMessage(CodedOutputStream output, int field, Action<CodedOutputStream> write)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(Message(write)));
    }

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true))
            write(output);
        return bytes.ToArray();
    }

    private static void WriteRecord(MemoryStream file, byte[] data)
    {
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)data.Length);
        file.Write(length);
        WriteSum(file, length);
        file.Write(data);
        WriteSum(file, data);
    }

    private static void WriteSum(MemoryStream file, ReadOnlySpan<byte> data)
    {
        var sum = uint.MaxValue;
        foreach (var letter in data)
            sum = BitOperations.Crc32C(sum, letter);
        Span<byte> masked = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(masked, unchecked(BitOperations.RotateRight(~sum, 15) + MaskDelta));
        file.Write(masked);
    }
}
