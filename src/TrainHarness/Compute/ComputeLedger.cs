namespace TrainHarness.Compute;

/// <summary>Exact multiply-adds spent by a trial. Evaluation is kept apart and never charged.</summary>
public sealed record ComputeLedger(Macs Forward, Macs GradInput, Macs GradWeight, Macs Evaluation)
{
    public static ComputeLedger Empty { get; } = new(Macs.Zero, Macs.Zero, Macs.Zero, Macs.Zero);

    /// <summary>
    /// Forward passes that make training data, such as the games of self-play; zero where data is only read, and in records of protocol 1.
    /// </summary>
    public Macs Generation { get; init; }

    /// <summary>What training to here cost: forward, grad-input, grad-weight and generation.</summary>
    public Macs Training => Forward + GradInput + GradWeight + Generation;

    public ComputeLedger WithStep(NetworkCost step) =>
        this with
        {
            Forward = Forward + step.Forward,
            GradInput = GradInput + step.GradInput,
            GradWeight = GradWeight + step.GradWeight,
        };

    public ComputeLedger WithGeneration(Macs forward) => this with { Generation = Generation + forward };

    public ComputeLedger WithEvaluation(Macs forward) => this with { Evaluation = Evaluation + forward };
}
