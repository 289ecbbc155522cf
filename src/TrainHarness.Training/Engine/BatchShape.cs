namespace TrainHarness.Training.Engine;

/// <summary>
/// All that decides what a step on a batch costs: how many examples there are, and how long they are where that differs from batch to
/// batch.
/// </summary>
/// <param name="examples">In the batch.</param>
/// <param name="lengths">
/// As they are computed, with padding: of the source and of the target, say. None where all examples are alike.
/// </param>
public readonly struct BatchShape(int examples, params ReadOnlySpan<int> lengths) : IEquatable<BatchShape>
{
    // Null where there are none.
    private readonly int[]? lengths = lengths.IsEmpty ? null : lengths.ToArray();

    public int Examples { get; } = examples;

    public ReadOnlySpan<int> Lengths => lengths;

    /// <summary>The same lengths with other examples.</summary>
    public BatchShape With(int examples) => new(examples, Lengths);

    public bool Equals(BatchShape other) => Examples == other.Examples && Lengths.SequenceEqual(other.Lengths);

    public override bool Equals(object? obj) => obj is BatchShape other && Equals(other);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Examples);
        foreach (var length in Lengths)
            hash.Add(length);
        return hash.ToHashCode();
    }

    /// <summary><c>64 x 17 x 19</c>: the examples and then the lengths.</summary>
    public override string ToString() => string.Join(" x ", (int[])[Examples, .. Lengths]);

    public static bool operator ==(BatchShape left, BatchShape right) => left.Equals(right);

    public static bool operator !=(BatchShape left, BatchShape right) => !left.Equals(right);
}
