using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace TrainHarness.Training.Workloads.ImageClassification.Data;

/// <summary>SHA-256 over a sequence of values; texts carry their length, so that ("ab", "c") and ("a", "bc") differ.</summary>
internal sealed class ContentHash : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public static string OfText(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    public ContentHash Add(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return Add(bytes.LongLength).Add(bytes);
    }

    public ContentHash Add(long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        return Add(bytes);
    }

    public ContentHash Add(ReadOnlySpan<byte> bytes)
    {
        hash.AppendData(bytes);
        return this;
    }

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public string Finish() => Convert.ToHexStringLower(hash.GetHashAndReset());

    public void Dispose() => hash.Dispose();
}
