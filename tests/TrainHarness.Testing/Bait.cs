namespace TrainHarness.Testing;

/// <summary>A type that hostile files name. Nobody makes one.</summary>
public sealed class Bait
{
    public Bait() => Made++;

    /// <summary>How many were made.</summary>
    public static int Made { get; private set; }
}
