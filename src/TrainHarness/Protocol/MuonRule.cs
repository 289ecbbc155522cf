namespace TrainHarness.Protocol;

/// <summary>
/// Muon (Jordan et al. 2024, kellerjordan.github.io/posts/muon): the momentum of every inner matrix is made orthogonal, nearly, before it
/// is followed. What is no inner matrix (lookups, the output, vectors) follows AdamW, at a part of the learning rate.
/// </summary>
public sealed record MuonRule : OptimizerRule
{
    public static Fields<MuonRule> Fields { get; } =
        Of(
            new MuonRule
            {
                Momentum = 0,
                Nesterov = false,
                Iterations = 1,
                OtherRate = 1,
                Beta1 = 0,
                Beta2 = 0,
                Epsilon = 1,
                WeightDecay = 0,
            },
            Field.Required(
                "momentum",
                Kind.Number(0, 0.99999),
                "Of the running mean of gradients of inner matrices.",
                (MuonRule rule) => rule.Momentum,
                (rule, value) => rule with { Momentum = value }
            ),
            Field.Required(
                "nesterov",
                Kind.Flag,
                "Whether that mean looks ahead.",
                (MuonRule rule) => rule.Nesterov,
                (rule, value) => rule with { Nesterov = value }
            ),
            Field.Required(
                "iterations",
                Kind.Whole(1, 100),
                "Of the polynomial that makes a matrix orthogonal.",
                (MuonRule rule) => rule.Iterations,
                (rule, value) => rule with { Iterations = value }
            ),
            Field.Required(
                "otherRate",
                Kind.Positive(1000),
                "Factor on the learning rate for lookups, the output and vectors, which follow AdamW.",
                (MuonRule rule) => rule.OtherRate,
                (rule, value) => rule with { OtherRate = value }
            ),
            Field.Required(
                "beta1",
                Kind.Number(0, Recipe.MaxDecay),
                "Of their running mean of gradients.",
                (MuonRule rule) => rule.Beta1,
                (rule, value) => rule with { Beta1 = value }
            ),
            Field.Required(
                "beta2",
                Kind.Number(0, Recipe.MaxDecay),
                "Of their running mean of squared gradients.",
                (MuonRule rule) => rule.Beta2,
                (rule, value) => rule with { Beta2 = value }
            ),
            Field.Required(
                "epsilon",
                Kind.Positive(10),
                "Added to the root of that mean.",
                (MuonRule rule) => rule.Epsilon,
                (rule, value) => rule with { Epsilon = value }
            )
        );

    /// <summary>Of the running mean of gradients of inner matrices.</summary>
    public required double Momentum { get; init; }

    public required bool Nesterov { get; init; }

    /// <summary>Of the polynomial that makes a matrix orthogonal; 5 where it was published.</summary>
    public required int Iterations { get; init; }

    /// <summary>Factor on the learning rate for all that is no inner matrix.</summary>
    public required double OtherRate { get; init; }

    public required double Beta1 { get; init; }

    public required double Beta2 { get; init; }

    public required double Epsilon { get; init; }

    /// <summary>What all other parameters follow.</summary>
    public AdamWRule Other =>
        new()
        {
            Beta1 = Beta1,
            Beta2 = Beta2,
            Epsilon = Epsilon,
            WeightDecay = WeightDecay,
            ExemptOneDimensional = ExemptOneDimensional,
        };
}
