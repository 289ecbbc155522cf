namespace TrainHarness.Training.Workloads.ImageClassification.Data.Synthetic;

/// <summary>A class of drawn examples: the points (u, v) of the square from -1 to 1 that belong to it; v points down.</summary>
internal sealed record Shape(string Name, Func<float, float, bool> Contains)
{
    // Cosine and sine of 18 and 54 degrees as constants: library functions may differ in the last bit between platforms.
    private const float Cos18 = 0.95105652f;
    private const float Sin18 = 0.30901699f;
    private const float Cos54 = 0.58778525f;
    private const float Sin54 = 0.80901699f;

    /// <summary>In the order in which a dataset with fewer classes takes them.</summary>
    public static IReadOnlyList<Shape> All { get; } =
    [
        new("disc", (u, v) => (u * u) + (v * v) < 0.85f),
        new("cross", (u, v) => Largest(u, v) < 0.95f && Smallest(u, v) < 0.28f),
        new("bars-horizontal", (u, v) => Largest(u, v) < 0.9f && IsBar(v)),
        new("ring", (u, v) => (u * u) + (v * v) is > 0.38f and < 0.95f),
        new("triangle", (u, v) => v < 0.75f && v > (1.9f * Math.Abs(u)) - 0.95f),
        new("bars-vertical", (u, v) => Largest(u, v) < 0.9f && IsBar(u)),
        new("square", (u, v) => Largest(u, v) < 0.8f),
        new("star", IsInStar),
        new("checker", (u, v) => Largest(u, v) < 0.9f && IsChecked(u) == IsChecked(v)),
        new("frame", (u, v) => Largest(u, v) is > 0.52f and < 0.85f),
    ];

    /// <summary>At the boundary only: an unknown name is an error.</summary>
    public static Shape ByName(string name) => All.First(shape => shape.Name == name);

    private static float Largest(float u, float v) => Math.Max(Math.Abs(u), Math.Abs(v));

    private static float Smallest(float u, float v) => Math.Min(Math.Abs(u), Math.Abs(v));

    // Three bars with two gaps, each a fifth of the height.
    private static bool IsBar(float v) => Math.Abs(v) is < 0.18f or > 0.54f;

    // Three by three fields.
    private static bool IsChecked(float u) => Math.Abs(u) < 0.3f;

    // Five lines make a pentagram: a point belongs to it unless it is beyond two of them.
    private static bool IsInStar(float u, float v)
    {
        const float distance = 0.36f;
        var beyond = 0;
        if (v > distance)
            beyond++;
        if ((Cos18 * u) + (Sin18 * v) > distance)
            beyond++;
        if ((-Cos18 * u) + (Sin18 * v) > distance)
            beyond++;
        if ((Cos54 * u) - (Sin54 * v) > distance)
            beyond++;
        if ((-Cos54 * u) - (Sin54 * v) > distance)
            beyond++;
        return beyond < 2;
    }
}
