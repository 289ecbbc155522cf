using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace TrainHarness.Training.Workloads.LanguageModelling.Data;

/// <summary>A text as trials take it. All of it lies in memory.</summary>
/// <param name="Vocabulary">Every unit by its number.</param>
/// <param name="Training">Numbers of units, in the order of the text.</param>
/// <param name="Validation">Likewise, of what follows.</param>
/// <param name="BytesPerUnit">Of the validation text in UTF-8, on average.</param>
/// <param name="Sha256">Of all above.</param>
public sealed record TextPack(IReadOnlyList<string> Vocabulary, ushort[] Training, ushort[] Validation, double BytesPerUnit, string Sha256)
{
    /// <param name="text">What is validated on, as it was read.</param>
    internal static TextPack Of(IReadOnlyList<string> vocabulary, ushort[] training, ushort[] validation, string text)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var unit in vocabulary)
            hash.AppendData(Encoding.UTF8.GetBytes($"{unit}\0"));
        foreach (var numbers in (ushort[][])[training, validation])
        {
            hash.AppendData(BitConverter.GetBytes(numbers.Length));
            hash.AppendData(MemoryMarshal.AsBytes<ushort>(numbers));
        }

        var bytes = (double)Encoding.UTF8.GetByteCount(text) / validation.Length;
        return new TextPack(vocabulary, training, validation, bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
