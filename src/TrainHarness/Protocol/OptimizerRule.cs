using System.Text.Json.Serialization;

namespace TrainHarness.Protocol;

/// <summary>How weights follow from gradients.</summary>
[JsonConverter(typeof(OptimizerRuleConverter))]
public abstract record OptimizerRule
{
    /// <summary>Every optimizer that a recipe may name.</summary>
    public static Variants<OptimizerRule> Kinds { get; } =
        new(
            Variant.Of<OptimizerRule, SgdRule>(
                "sgd",
                "Stochastic gradient descent with momentum; weight decay is added to the gradient.",
                SgdRule.Fields
            ),
            Variant.Of<OptimizerRule, RmsPropRule>(
                "rmsprop",
                "RMSprop with momentum; weight decay is added to the gradient.",
                RmsPropRule.Fields
            ),
            Variant.Of<OptimizerRule, AdamWRule>(
                "adamw",
                "Adam with decoupled weight decay, which is multiplied by the learning rate.",
                AdamWRule.Fields
            ),
            Variant.Of<OptimizerRule, MuonRule>(
                "muon",
                "Nearly orthogonal steps for inner matrices, and AdamW for what is none.",
                MuonRule.Fields
            ),
            Variant.Of<OptimizerRule, OwnRule>(
                "own",
                "Code of your own, in a recipe that stands in the study file itself.",
                OwnRule.Fields,
                rule => rule.Source.Name
            )
        );

    public required double WeightDecay { get; init; }

    /// <summary>
    /// Parameters with at most one dimension longer than 1 do not decay: biases, weights of normalisation, layer scales, class tokens.
    /// </summary>
    public bool ExemptOneDimensional { get; init; }

    /// <summary>The keys that every optimizer has, with its own before them.</summary>
    private protected static Fields<T> Of<T>(T blank, params IReadOnlyList<Field<T>> own)
        where T : OptimizerRule =>
        new(
            blank,
            [
                .. own,
                Field.Required(
                    "weightDecay",
                    Kind.Number(0, 1),
                    "Part of a weight that its gradient, or the step itself, takes away.",
                    (T rule) => rule.WeightDecay,
                    (rule, value) => rule with { WeightDecay = value }
                ),
                Field.Optional(
                    "exemptOneDimensional",
                    Kind.Flag,
                    "Whether biases and weights of normalisation do not decay; false where it is missing.",
                    (T rule) => rule.ExemptOneDimensional ? true : null,
                    (rule, value) => rule with { ExemptOneDimensional = value }
                ),
            ]
        );
}

/// <summary>Stochastic gradient descent with momentum; weight decay is added to the gradient.</summary>
public sealed record SgdRule : OptimizerRule
{
    public static Fields<SgdRule> Fields { get; } =
        Of(
            new SgdRule
            {
                Momentum = 0,
                Nesterov = false,
                WeightDecay = 0,
            },
            Field.Required(
                "momentum",
                Kind.Number(0, 0.99999),
                "Part of the last step's direction that the next one keeps.",
                (SgdRule rule) => rule.Momentum,
                (rule, value) => rule with { Momentum = value }
            ),
            Field.Required(
                "nesterov",
                Kind.Flag,
                "Whether momentum is Nesterov's, which looks ahead; it then is above 0.",
                (SgdRule rule) => rule.Nesterov,
                (rule, value) => rule with { Nesterov = value }
            )
        ) with
        {
            Finish = (rule, node) =>
                rule is { Nesterov: true, Momentum: 0 }
                    ? throw node.Required("momentum").Error("'momentum' is 0; Nesterov momentum needs a number above 0.")
                    : rule,
        };

    public required double Momentum { get; init; }

    public required bool Nesterov { get; init; }
}

/// <summary>RMSprop (Tieleman and Hinton 2012) with momentum; weight decay is added to the gradient.</summary>
public sealed record RmsPropRule : OptimizerRule
{
    public static Fields<RmsPropRule> Fields { get; } =
        Of(
            new RmsPropRule
            {
                Decay = 0,
                Momentum = 0,
                Epsilon = 1,
                WeightDecay = 0,
            },
            Field.Required(
                "decay",
                Kind.Number(0, Recipe.MaxDecay),
                "Of the running mean of squared gradients.",
                (RmsPropRule rule) => rule.Decay,
                (rule, value) => rule with { Decay = value }
            ),
            Field.Required(
                "momentum",
                Kind.Number(0, 0.99999),
                "Part of the last step's direction that the next one keeps.",
                (RmsPropRule rule) => rule.Momentum,
                (rule, value) => rule with { Momentum = value }
            ),
            Field.Required(
                "epsilon",
                Kind.Positive(10),
                "Added to the root of that mean.",
                (RmsPropRule rule) => rule.Epsilon,
                (rule, value) => rule with { Epsilon = value }
            )
        );

    /// <summary>Of the running mean of squared gradients.</summary>
    public required double Decay { get; init; }

    public required double Momentum { get; init; }

    /// <summary>Added to the root of that mean.</summary>
    public required double Epsilon { get; init; }
}

/// <summary>Adam with decoupled weight decay (arXiv:1711.05101), which is multiplied by the learning rate.</summary>
public sealed record AdamWRule : OptimizerRule
{
    public static Fields<AdamWRule> Fields { get; } =
        Of(
            new AdamWRule
            {
                Beta1 = 0,
                Beta2 = 0,
                Epsilon = 1,
                WeightDecay = 0,
            },
            Field.Required(
                "beta1",
                Kind.Number(0, Recipe.MaxDecay),
                "Of the running mean of gradients.",
                (AdamWRule rule) => rule.Beta1,
                (rule, value) => rule with { Beta1 = value }
            ),
            Field.Required(
                "beta2",
                Kind.Number(0, Recipe.MaxDecay),
                "Of the running mean of squared gradients.",
                (AdamWRule rule) => rule.Beta2,
                (rule, value) => rule with { Beta2 = value }
            ),
            Field.Required(
                "epsilon",
                Kind.Positive(10),
                "Added to the root of the mean of squared gradients.",
                (AdamWRule rule) => rule.Epsilon,
                (rule, value) => rule with { Epsilon = value }
            )
        );

    public required double Beta1 { get; init; }

    public required double Beta2 { get; init; }

    public required double Epsilon { get; init; }
}

/// <summary>Records from before there was a kind were SGD.</summary>
internal sealed class OptimizerRuleConverter() : KindConverter<OptimizerRule>(OptimizerRule.Kinds, unnamed: "sgd");
