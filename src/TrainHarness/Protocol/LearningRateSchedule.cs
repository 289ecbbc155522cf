using System.Text.Json.Serialization;

namespace TrainHarness.Protocol;

/// <summary>The learning rate as a pure function of progress: nothing to save, nothing to step.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(SteppedSchedule), "step")]
[JsonDerivedType(typeof(SmoothedStepSchedule), "smoothed-step")]
[JsonDerivedType(typeof(CosineSchedule), "cosine")]
[JsonDerivedType(typeof(PolynomialSchedule), "polynomial")]
[JsonDerivedType(typeof(ExponentialSchedule), "exponential")]
public abstract record LearningRateSchedule
{
    /// <summary>The factor on the recipe's learning rate.</summary>
    /// <param name="progress">The part of the schedule that is done, from 0 to 1.</param>
    public abstract double At(double progress);

    /// <summary>The same curve over another number of epochs.</summary>
    public virtual LearningRateSchedule Over(int epochs) => this;
}

/// <summary>Divides the rate at equal parts of the schedule: ÷10 every 30 of 90 epochs is (0.1, 3).</summary>
public sealed record SteppedSchedule(double Decay, int Parts) : LearningRateSchedule
{
    public override double At(double progress) => Math.Pow(Decay, Math.Min(Math.Floor(progress * Parts), Parts - 1));
}

/// <summary>The same decay spread evenly: the rate falls by <paramref name="Decay"/> over each of the parts (Hernandez &amp; Brown 2020, section 3.2).</summary>
public sealed record SmoothedStepSchedule(double Decay, int Parts) : LearningRateSchedule
{
    public override double At(double progress) => Math.Pow(Decay, progress * Parts);
}

/// <summary>Half a cosine from 1 to 0 (arXiv:1608.03983, without restarts).</summary>
public sealed record CosineSchedule : LearningRateSchedule
{
    public override double At(double progress) => 0.5 * (1 + Math.Cos(Math.PI * progress));
}

/// <summary>Falls from 1 to 0 as a power of what is left; power 1 is a straight line.</summary>
public sealed record PolynomialSchedule(double Power) : LearningRateSchedule
{
    public override double At(double progress) => Math.Pow(1 - progress, Power);
}

/// <summary>Decays by a factor every so many epochs: at once where it is a staircase, else evenly between.</summary>
/// <param name="EveryEpochs">Need not be whole.</param>
/// <param name="Epochs">Of the recipe, over which progress runs from 0 to 1.</param>
public sealed record ExponentialSchedule(double Decay, double EveryEpochs, bool Staircase, int Epochs) : LearningRateSchedule
{
    public override double At(double progress)
    {
        var periods = progress * Epochs / EveryEpochs;
        // An epoch's first step must not fall into the period before it by the rounding of its progress.
        return Math.Pow(Decay, Staircase ? Math.Floor(periods + 1e-9) : periods);
    }

    public override LearningRateSchedule Over(int epochs) => this with { EveryEpochs = EveryEpochs * epochs / Epochs, Epochs = epochs };
}
