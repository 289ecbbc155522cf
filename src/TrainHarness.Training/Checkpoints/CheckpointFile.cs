using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TrainHarness.Results;
using TrainHarness.Training.Checkpoints.Validation;
using static TorchSharp.torch;

namespace TrainHarness.Training.Checkpoints;

/// <summary>
/// A checkpoint on the disk: a line that says what it is, the length of its header (int32) and the header (JSON), the tensors
/// (<see cref="TensorFile"/>), and the SHA-256 of all that.
/// </summary>
internal static class CheckpointFile
{
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
            if (CheckpointCheck.Problem(length, stream.Length - stream.Position) is { } tooLong)
                throw new InvalidDataException(tooLong);
            var header = JsonSerializer.Deserialize<CheckpointHeader>(reader.ReadBytes(length), ResultsJson.Options);
            return CheckpointCheck.Problem(header) is { } problem ? throw new InvalidDataException(problem) : header!;
        }
        catch (Exception error) when (error is EndOfStreamException or JsonException)
        {
            throw new InvalidDataException("its header cannot be read", error);
        }
    }
}
