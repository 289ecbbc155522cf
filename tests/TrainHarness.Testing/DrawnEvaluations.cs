using CsCheck;
using TrainHarness.Compute;
using TrainHarness.Results;

namespace TrainHarness.Testing;

/// <summary>Evaluations that a trial could have, drawn by CsCheck.</summary>
internal static class DrawnEvaluations
{
    /// <summary>In seconds, to the millisecond.</summary>
    public static readonly Gen<double> Duration = Gen.Double[0, 1e9].Select(seconds => Math.Round(seconds, 3));

    private static readonly Gen<Macs> Count = Gen.Select(Gen.ULong, Gen.ULong[0, 1 << 20], (low, high) =>
        new Macs(((UInt128)high << 64) + low)
    );

    public static readonly Gen<ComputeLedger> Ledger = Gen.Select(Count, Count, Count, Count, Count, (a, b, c, d, e) =>
        new ComputeLedger(a, b, c, d) { Generation = e }
    );

    private static readonly Gen<Evaluation> One = Gen.Select(
        Gen.Long[1, long.MaxValue],
        Ledger,
        Duration,
        Gen.Double[0, 1],
        Gen.Double[0, 1000],
        (examples, ledger, seconds, metric, loss) =>
            new Evaluation
            {
                Step = examples,
                Epoch = examples / 7.0,
                Examples = examples,
                Ledger = ledger,
                Seconds = seconds,
                Joules = metric > 0.5 ? seconds : null,
                Loss = loss,
                Metrics = new Dictionary<string, double> { ["top1"] = metric, ["top5"] = 1 - metric },
            }
    );

    /// <summary>Up to six, each after the one before it; the last is at step 6000 at most.</summary>
    public static readonly Gen<IReadOnlyList<Evaluation>> Curve = One.List[0, 6]
        .Select(drawn =>
            (IReadOnlyList<Evaluation>)
                [
                    .. drawn
                        .Index()
                        .Select(pair =>
                            pair.Item with
                            {
                                Step = (pair.Index + 1) * 1_000,
                                Examples = drawn.Take(pair.Index + 1).Max(evaluation => evaluation.Examples),
                                Seconds = drawn.Take(pair.Index + 1).Max(evaluation => evaluation.Seconds),
                                Ledger = drawn.Take(pair.Index + 1).Select(evaluation => evaluation.Ledger).Aggregate(Sum),
                            }
                        ),
                ]
        );

    /// <summary>What a trial has spent that spent so much after its last evaluation.</summary>
    public static ComputeLedger After(IReadOnlyList<Evaluation> evaluations, ComputeLedger ledger) =>
        evaluations is [.., var last] ? Sum(last.Ledger, ledger) : ledger;

    private static ComputeLedger Sum(ComputeLedger a, ComputeLedger b) =>
        new(a.Forward + b.Forward, a.GradInput + b.GradInput, a.GradWeight + b.GradWeight, a.Evaluation + b.Evaluation)
        {
            Generation = a.Generation + b.Generation,
        };
}
