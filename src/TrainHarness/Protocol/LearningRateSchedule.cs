using System.Text.Json.Serialization;

namespace TrainHarness.Protocol;

/// <summary>The learning rate as a pure function of progress: nothing to save, nothing to step.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(SteppedSchedule), "step")]
[JsonDerivedType(typeof(SmoothedStepSchedule), "smoothed-step")]
[JsonDerivedType(typeof(CosineSchedule), "cosine")]
public abstract record LearningRateSchedule
{
    /// <summary>The factor on the recipe's learning rate.</summary>
    /// <param name="progress">The part of the schedule that is done, from 0 to 1.</param>
    public abstract double At(double progress);
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
