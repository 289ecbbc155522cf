using System.Globalization;
using System.Text.Json.Serialization;

namespace TrainHarness.Protocol;

/// <summary>The learning rate as a pure function of progress: nothing to save, nothing to step.</summary>
[JsonConverter(typeof(LearningRateScheduleConverter))]
public abstract record LearningRateSchedule
{
    /// <summary>Every schedule that a recipe may name.</summary>
    public static Variants<LearningRateSchedule> Kinds { get; } =
        new(
            Variant.Of<LearningRateSchedule, SteppedSchedule>(
                "step",
                "Divides the rate at equal parts of the schedule.",
                SteppedSchedule.Fields,
                step => string.Create(CultureInfo.InvariantCulture, $"×{step.Decay:G3} at {step.Parts - 1} steps")
            ),
            Variant.Of<LearningRateSchedule, SmoothedStepSchedule>(
                "smoothed-step",
                "The same decay spread evenly over the schedule.",
                SmoothedStepSchedule.Fields,
                smooth => string.Create(CultureInfo.InvariantCulture, $"×{Math.Pow(smooth.Decay, smooth.Parts):G3} smoothly")
            ),
            Variant.Of<LearningRateSchedule, CosineSchedule>(
                "cosine",
                "Half a cosine from the rate to 0, or to a part of it.",
                CosineSchedule.Fields,
                cosine => cosine.Floor is { } floor ? string.Create(CultureInfo.InvariantCulture, $"cosine to {floor:G3} of it") : "cosine"
            ),
            Variant.Of<LearningRateSchedule, PolynomialSchedule>(
                "polynomial",
                "From the rate to 0 as a power of what is left.",
                PolynomialSchedule.Fields,
                polynomial =>
                    polynomial.Power == 1
                        ? "straight line"
                        : string.Create(CultureInfo.InvariantCulture, $"what is left to the power of {polynomial.Power:G3}")
            ),
            Variant.Of<LearningRateSchedule, ExponentialSchedule>(
                "exponential",
                "Decays by a factor every so many epochs.",
                ExponentialSchedule.Fields,
                exponential =>
                    exponential.EveryEpochs == 1
                        ? string.Create(CultureInfo.InvariantCulture, $"×{exponential.Decay:G3} every epoch")
                        : string.Create(CultureInfo.InvariantCulture, $"×{exponential.Decay:G3} every {exponential.EveryEpochs:G4} epochs")
            ),
            Variant.Of<LearningRateSchedule, InverseSquareRootSchedule>(
                "inverse-square-root",
                "The rate over a first part, then down with the root of the steps.",
                InverseSquareRootSchedule.Fields,
                inverse => string.Create(CultureInfo.InvariantCulture, $"1 / root of the steps after {inverse.FromEpoch:G4} epochs")
            )
        );

    /// <summary>The factor on the recipe's learning rate.</summary>
    /// <param name="progress">The part of the schedule that is done, from 0 to 1.</param>
    public abstract double At(double progress);

    /// <summary>The same curve over another number of epochs.</summary>
    public virtual LearningRateSchedule Over(int epochs) => this;

    /// <summary>As it is in a recipe of so many epochs, which its own keys do not say.</summary>
    internal virtual LearningRateSchedule Of(int epochs) => this;
}

/// <summary>Divides the rate at equal parts of the schedule: ÷10 every 30 of 90 epochs is (0.1, 3).</summary>
public sealed record SteppedSchedule(double Decay, int Parts) : LearningRateSchedule
{
    public static Fields<SteppedSchedule> Fields { get; } =
        new(
            new SteppedSchedule(1, 1),
            Field.Required(
                "decay",
                Kind.Positive(1),
                "Factor at each step.",
                (SteppedSchedule step) => step.Decay,
                (step, value) => step with { Decay = value }
            ),
            Field.Required(
                "parts",
                Kind.Whole(1, 10_000),
                "Equal parts of the schedule, with a step between two.",
                (SteppedSchedule step) => step.Parts,
                (step, value) => step with { Parts = value }
            )
        );

    public override double At(double progress) => Math.Pow(Decay, Math.Min(Math.Floor(progress * Parts), Parts - 1));
}

/// <summary>
/// The same decay spread evenly: the rate falls by <paramref name="Decay"/> over each of the parts (Hernandez &amp; Brown 2020, section
/// 3.2).
/// </summary>
public sealed record SmoothedStepSchedule(double Decay, int Parts) : LearningRateSchedule
{
    public static Fields<SmoothedStepSchedule> Fields { get; } =
        new(
            new SmoothedStepSchedule(1, 1),
            Field.Required(
                "decay",
                Kind.Positive(1),
                "Factor over each part.",
                (SmoothedStepSchedule smooth) => smooth.Decay,
                (smooth, value) => smooth with { Decay = value }
            ),
            Field.Required(
                "parts",
                Kind.Whole(1, 10_000),
                "Equal parts of the schedule.",
                (SmoothedStepSchedule smooth) => smooth.Parts,
                (smooth, value) => smooth with { Parts = value }
            )
        );

    public override double At(double progress) => Math.Pow(Decay, progress * Parts);
}

/// <summary>Half a cosine from 1 to 0 (arXiv:1608.03983, without restarts), or to a floor.</summary>
public sealed record CosineSchedule : LearningRateSchedule
{
    public static Fields<CosineSchedule> Fields { get; } =
        new(
            new CosineSchedule(),
            Field.Optional(
                "floor",
                Kind.Number(0, 1),
                "Part of the rate that it ends at; 0 where it is missing.",
                (CosineSchedule cosine) => cosine.Floor,
                (cosine, value) => cosine with { Floor = value }
            )
        );

    /// <summary>Part of the rate that it ends at; null for 0.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Floor { get; init; }

    public override double At(double progress) => (Floor ?? 0) + ((1 - (Floor ?? 0)) * 0.5 * (1 + Math.Cos(Math.PI * progress)));
}

/// <summary>Falls from 1 to 0 as a power of what is left; power 1 is a straight line.</summary>
public sealed record PolynomialSchedule(double Power) : LearningRateSchedule
{
    public static Fields<PolynomialSchedule> Fields { get; } =
        new(
            new PolynomialSchedule(1),
            Field.Required(
                "power",
                Kind.Positive(100),
                "1 is a straight line.",
                (PolynomialSchedule polynomial) => polynomial.Power,
                (polynomial, value) => polynomial with { Power = value }
            )
        );

    public override double At(double progress) => Math.Pow(1 - progress, Power);
}

/// <summary>Decays by a factor every so many epochs: at once where it is a staircase, else evenly between.</summary>
/// <param name="EveryEpochs">Need not be whole.</param>
/// <param name="Epochs">Of the recipe, over which progress runs from 0 to 1.</param>
public sealed record ExponentialSchedule(double Decay, double EveryEpochs, bool Staircase, int Epochs) : LearningRateSchedule
{
    public static Fields<ExponentialSchedule> Fields { get; } =
        new(
            new ExponentialSchedule(1, 1, Staircase: false, Epochs: 1),
            Field.Required(
                "decay",
                Kind.Positive(1),
                "Factor over so many epochs.",
                (ExponentialSchedule exponential) => exponential.Decay,
                (exponential, value) => exponential with { Decay = value }
            ),
            Field.Required(
                "everyEpochs",
                Kind.Positive(100_000),
                "How many; need not be whole.",
                (ExponentialSchedule exponential) => exponential.EveryEpochs,
                (exponential, value) => exponential with { EveryEpochs = value }
            ),
            Field.Required(
                "staircase",
                Kind.Flag,
                "Whether the rate falls at once, and not evenly between.",
                (ExponentialSchedule exponential) => exponential.Staircase,
                (exponential, value) => exponential with { Staircase = value }
            ),
            Field.Optional(
                "fromEpoch",
                Kind.Positive(100_000),
                "Epochs before the decay begins; none where it is missing.",
                (ExponentialSchedule exponential) => exponential.FromEpoch,
                (exponential, value) => exponential with { FromEpoch = value }
            )
        );

    /// <summary>Epochs over which the rate stays as it is; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? FromEpoch { get; init; }

    public override double At(double progress)
    {
        var periods = Math.Max(0, (progress * Epochs) - (FromEpoch ?? 0)) / EveryEpochs;
        // An epoch's first step must not fall into the period before it by the rounding of its progress.
        return Math.Pow(Decay, Staircase ? Math.Floor(periods + 1e-9) : periods);
    }

    public override LearningRateSchedule Over(int epochs) =>
        this with
        {
            EveryEpochs = EveryEpochs * epochs / Epochs,
            FromEpoch = FromEpoch * epochs / Epochs,
            Epochs = epochs,
        };

    internal override LearningRateSchedule Of(int epochs) => this with { Epochs = epochs };
}

/// <summary>
/// The full rate up to an epoch, then less with the root of how far it has come since the begin: the Transformer's, whose warm-up ends
/// there (arXiv:1706.03762, section 5.3).
/// </summary>
/// <param name="FromEpoch">Need not be whole.</param>
/// <param name="Epochs">Of the recipe, over which progress runs from 0 to 1.</param>
public sealed record InverseSquareRootSchedule(double FromEpoch, int Epochs) : LearningRateSchedule
{
    public static Fields<InverseSquareRootSchedule> Fields { get; } =
        new(
            new InverseSquareRootSchedule(1, Epochs: 1),
            Field.Required(
                "fromEpoch",
                Kind.Positive(100_000),
                "Epochs before the rate begins to fall: those of the warm-up.",
                (InverseSquareRootSchedule inverse) => inverse.FromEpoch,
                (inverse, value) => inverse with { FromEpoch = value }
            )
        );

    public override double At(double progress) => Math.Min(1, Math.Sqrt(FromEpoch / (progress * Epochs)));

    public override LearningRateSchedule Over(int epochs) => this with { FromEpoch = FromEpoch * epochs / Epochs, Epochs = epochs };

    internal override LearningRateSchedule Of(int epochs) => this with { Epochs = epochs };
}

internal sealed class LearningRateScheduleConverter() : KindConverter<LearningRateSchedule>(LearningRateSchedule.Kinds, unnamed: null);
