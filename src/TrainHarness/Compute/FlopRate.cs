namespace TrainHarness.Compute;

/// <summary>
/// Floating-point operations a second, a multiply-add counted as two, as data sheets and <see cref="Convention.Exact"/> count it.
/// </summary>
public readonly record struct FlopRate(double PerSecond)
{
    /// <summary>What so many devices do at this rate in so many seconds.</summary>
    public double Over(double seconds, int devices) => PerSecond * seconds * devices;

    /// <summary>The part of <paramref name="peak"/> that this rate is.</summary>
    public double PartOf(FlopRate peak) => PerSecond / peak.PerSecond;
}
