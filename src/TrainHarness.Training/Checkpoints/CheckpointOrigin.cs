using TrainHarness.Protocol;

namespace TrainHarness.Training.Checkpoints;

/// <summary>
/// What a checkpoint belongs to. A trial goes on only from one that has all of it in common: anything else would be another measurement.
/// </summary>
/// <param name="ConfigurationSha256">The trial's; see <see cref="TrialFingerprint"/>.</param>
/// <param name="PackSha256">Identifies all that is trained and evaluated on.</param>
/// <param name="Threshold">Of the target; null for a trial that sets it, and while it is not known.</param>
/// <param name="Device"><c>cpu</c> or <c>cuda</c>; which of several equal GPUs does not matter.</param>
/// <param name="DeviceName">Name of the processor or of the GPU; null where it cannot be told.</param>
public sealed record CheckpointOrigin(
    string Trial,
    string ConfigurationSha256,
    string PackSha256,
    double? Threshold,
    string Device,
    string? DeviceName,
    string Libtorch
)
{
    internal const string OtherRules = "it was made under other rules than the study has now";

    /// <summary>What is different in another one, in words; null where nothing is.</summary>
    internal string? Difference(CheckpointOrigin other) =>
        Trial != other.Trial ? $"it is of '{other.Trial}'"
        : ConfigurationSha256 != other.ConfigurationSha256 ? OtherRules
        : PackSha256 != other.PackSha256 ? "it was made on other data than the dataset holds now"
        // Training does not depend on it: what ran before it was known goes on with it.
        : other.Threshold is not null && Threshold != other.Threshold ? "it was made against another target than the study has now"
        : (Device, DeviceName) != (other.Device, other.DeviceName) ? $"it was made on another device ({other.DeviceName ?? other.Device})"
        : Libtorch != other.Libtorch ? $"it was made with libtorch {other.Libtorch}, and this is {Libtorch}"
        : null;
}
