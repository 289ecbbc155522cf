namespace TrainHarness.Training.Workloads.SelfPlay;

/// <summary>The interval of a part that was counted (Wilson 1927, doi:10.1080/01621459.1927.10502953), at 95 %.</summary>
internal static class WilsonInterval
{
    private const double Z = 1.959963984540054;

    /// <param name="hits">Out of <paramref name="tries"/>, of which there is at least one.</param>
    public static (double Low, double Part, double High) Of(int hits, int tries)
    {
        var part = (double)hits / tries;
        var spread = Z * Z / tries;
        var centre = (part + (spread / 2)) / (1 + spread);
        var half = Z / (1 + spread) * Math.Sqrt((part * (1 - part) / tries) + (spread / (4 * tries)));
        return (Math.Max(0, centre - half), part, Math.Min(1, centre + half));
    }
}
