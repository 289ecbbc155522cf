namespace TrainHarness.Compute;

/// <summary>Exact multiply-adds spent by a trial. Evaluation is kept apart and never charged.</summary>
public sealed record ComputeLedger(Macs Forward, Macs GradInput, Macs GradWeight, Macs Evaluation)
{
    public static ComputeLedger Empty { get; } = new(Macs.Zero, Macs.Zero, Macs.Zero, Macs.Zero);

    /// <summary>What training to here cost: forward, grad-input and grad-weight.</summary>
    public Macs Training => Forward + GradInput + GradWeight;

    public ComputeLedger WithStep(NetworkCost step) => this with
    {
        Forward = Forward + step.Forward,
        GradInput = GradInput + step.GradInput,
        GradWeight = GradWeight + step.GradWeight,
    };

    public ComputeLedger WithEvaluation(Macs forward) => this with { Evaluation = Evaluation + forward };
}
