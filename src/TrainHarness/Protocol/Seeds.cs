using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace TrainHarness.Protocol;

/// <summary>Randomness with a name: the same trial seed and name give the same stream in every process and on every platform.</summary>
public static class Seeds
{
    /// <summary>The first eight bytes of the SHA-256 of seed, name and index.</summary>
    public static ulong For(int trialSeed, string name, long index = 0)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{trialSeed}/{name}/{index}");
        return BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>A generator whose algorithm is fixed for a given seed.</summary>
    public static Random Generator(int trialSeed, string name, long index = 0) => new((int)(For(trialSeed, name, index) & 0x7FFF_FFFF));
}
