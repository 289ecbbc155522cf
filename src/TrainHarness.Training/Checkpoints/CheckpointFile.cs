using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TrainHarness.Results;
using static TorchSharp.torch;

namespace TrainHarness.Training.Checkpoints;

/// <summary>
/// A checkpoint on the disk: a line that says what it is, the length of its header (int32) and the header (JSON), the tensors
/// (<see cref="TensorFile"/>), and the SHA-256 of all that.
/// </summary>
internal static class CheckpointFile
{
    // A hundred thousand evaluations.
    private const int LargestHeader = 64 << 20;

    private static ReadOnlySpan<byte> Title => "TrainHarness checkpoint 1\n"u8;

    public static void Write(Stream stream, CheckpointHeader header, IReadOnlyDictionary<string, Tensor> tensors)
    {
        using var hash = SHA256.Create();
        using (var hashed = new CryptoStream(stream, hash, CryptoStreamMode.Write, leaveOpen: true))
        {
            using var writer = new BinaryWriter(hashed, Encoding.UTF8, leaveOpen: true);
            var json = JsonSerializer.SerializeToUtf8Bytes(header, ResultsJson.Options);
            writer.Write(Title);
            writer.Write(json.Length);
            writer.Write(json);
            TensorFile.Save(tensors, hashed);
        }

        stream.Write(hash.Hash);
    }

    /// <summary>Whether the content is what the checksum at its end says.</summary>
    public static bool IsWhole(Stream stream)
    {
        var left = stream.Length - SHA256.HashSizeInBytes;
        if (left < Title.Length)
            return false;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        while (left > 0)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(left, buffer.Length));
            stream.ReadExactly(part);
            hash.AppendData(part);
            left -= part.Length;
        }

        var expected = new byte[SHA256.HashSizeInBytes];
        stream.ReadExactly(expected);
        return hash.GetHashAndReset().AsSpan().SequenceEqual(expected);
    }

    /// <summary>Leaves the stream where the tensors begin.</summary>
    /// <exception cref="InvalidDataException">It is no checkpoint of this program.</exception>
    public static CheckpointHeader ReadHeader(Stream stream)
    {
        var title = new byte[Title.Length];
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        try
        {
            stream.ReadExactly(title);
            if (!title.AsSpan().SequenceEqual(Title))
                throw new InvalidDataException("it is no checkpoint of this version of the program");
            var length = reader.ReadInt32();
            if (length < 0 || length > stream.Length - stream.Position)
                throw new InvalidDataException("its header is longer than the file");
            if (length > LargestHeader)
                throw new InvalidDataException(FormattableString.Invariant($"its header has {length} bytes; allowed: at most {LargestHeader}"));
            return Checked(JsonSerializer.Deserialize<CheckpointHeader>(reader.ReadBytes(length), ResultsJson.Options));
        }
        catch (Exception error) when (error is EndOfStreamException or JsonException)
        {
            throw new InvalidDataException("its header cannot be read", error);
        }
    }

    private static CheckpointHeader Checked(CheckpointHeader? header)
    {
        // A null in the text stands where none is allowed.
        if (header is null || header.Step < 1 || header.Examples < 1 || header.Evaluations.Contains(null!))
            throw new InvalidDataException("its header says nothing");
        if (EvaluationOrder.Problem(header.Evaluations, header.Step, header.Examples, header.Ledger, header.TrainingSeconds) is { } problem)
            throw new InvalidDataException(problem.TrimEnd('.'));
        double[] amounts =
        [
            header.TrainingSeconds, header.EvaluationSeconds, header.DataWaitSeconds, header.Seconds, header.SuspendedSeconds ?? 0, header.Joules ?? 0,
            .. header.Evaluations.SelectMany(evaluation => (double[])[evaluation.Seconds, evaluation.Joules ?? 0, evaluation.Loss ?? 0]),
        ];
        return Array.TrueForAll(amounts, amount => double.IsFinite(amount) && amount >= 0) && header.Seconds <= EvaluationOrder.MostSeconds && header.EvaluationSeconds <= EvaluationOrder.MostSeconds
            ? header
            : throw new InvalidDataException("a clock or a meter in its header is not possible");
    }
}
