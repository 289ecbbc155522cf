namespace TrainHarness.Compute;

/// <summary>Compute by the time that devices took, where nobody counted (method 2 of AI and Compute, 2018).</summary>
/// <param name="Peak">Of one device.</param>
public sealed record DeviceTime(FlopRate Peak, int Devices, double Hours)
{
    /// <summary>What AI and Compute assumes of GPUs where it knows nothing better.</summary>
    public const double UsualUtilization = 0.33;

    /// <summary>What the devices could have done at most.</summary>
    public double MaxOperations => Peak.Over(Hours * 3600, Devices);

    /// <summary>Devices × peak × time × utilization, which is a guess to within a factor of two or three.</summary>
    /// <param name="utilization">The part of the peak that was used, above 0 and at most 1.</param>
    public Flops At(double utilization) => new((UInt128)Math.Round(MaxOperations * utilization), Convention.AiAndCompute);

    /// <summary>The part of the peak that a counted training run used: two operations for each multiply-add that was counted.</summary>
    public double UtilizationBy(Macs counted) => 2 * counted.ToDouble() / MaxOperations;
}
