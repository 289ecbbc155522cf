using System.Buffers.Binary;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Synthetic;

/// <summary>SplitMix64 (Steele, Lea and Flood 2014): integers only, the same sequence everywhere.</summary>
internal struct ShapeRandom(ReadOnlySpan<byte> key)
{
    private ulong state = BinaryPrimitives.ReadUInt64LittleEndian(key);

    public ulong Next()
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>From low (included) to high, in steps of 2^-24 of the range.</summary>
    public float Between(float low, float high) => low + ((high - low) * ((Next() >> 40) * (1f / (1 << 24))));

    /// <summary>From low to high, both included.</summary>
    public int Between(int low, int high) => low + (int)(Next() % (ulong)(high - low + 1));

    public Colour Colour(float low, float high) => new(Between(low, high), Between(low, high), Between(low, high));
}

/// <summary>Red, green and blue, each from 0 to 1.</summary>
internal readonly record struct Colour(float Red, float Green, float Blue);
