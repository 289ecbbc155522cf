namespace TrainHarness.Protocol;

/// <summary>Version of the measuring rules in results/PROTOCOL.md. Records of different versions are not compared.</summary>
public static class ProtocolVersion
{
    public const int Current = 2;

    /// <summary>
    /// The first, whose records still report; it had one kind of metric and no <see cref="Compute.ComputeLedger.Generation"/>.
    /// </summary>
    public const int First = 1;

    /// <summary>Evaluations past the first crossing that <see cref="StopRule.AtTarget"/> runs, uncharged.</summary>
    public const int ConfirmingEvaluations = 2;

    /// <summary>With fewer evaluations before the crossing a factor is called unresolved.</summary>
    public const int ResolvingEvaluations = 5;

    /// <summary>With fewer seeds there is no interval.</summary>
    public const int SeedsForInterval = 3;
}
