namespace TrainHarness.Compute;

/// <summary>Floating-point operations under a named convention.</summary>
public readonly record struct Flops(UInt128 Count, Convention Convention)
{
    /// <summary>1 teraflop/s-day: 10¹² operations a second for a day.</summary>
    public const double TeraflopDay = 8.64e16;

    /// <summary>Turns a training ledger into FLOPs; generation is charged once in every convention of training, evaluation never.</summary>
    public static Flops Training(ComputeLedger ledger, Convention convention) =>
        convention switch
        {
            Convention.Exact => new(ledger.Training.Count * 2, convention),
            Convention.Paper => new((ledger.Forward.Count * 3) + ledger.Generation.Count, convention),
            Convention.AiAndCompute => new((ledger.Forward.Count * 6) + (ledger.Generation.Count * 2), convention),
            Convention.Forward => new(ledger.Forward.Count * 2, convention),
            _ => throw new ArgumentOutOfRangeException(nameof(convention), convention, null),
        };

    /// <exception cref="InvalidOperationException">The conventions differ.</exception>
    public static double operator /(Flops left, Flops right) =>
        left.Convention == right.Convention
            ? (double)left.Count / (double)right.Count
            : throw new InvalidOperationException($"FLOPs by '{left.Convention}' and by '{right.Convention}' cannot be divided.");

    public static double Divide(Flops left, Flops right) => left / right;

    public double ToTeraflopDays() => (double)Count / TeraflopDay;
}
