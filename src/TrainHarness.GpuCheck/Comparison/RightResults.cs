using System.Globalization;
using TrainHarness.Compute;

namespace TrainHarness.GpuCheck.Comparison;

/// <summary>Whether what a side computes is right: seconds of wrong results are nobody's.</summary>
internal static class RightResults
{
    /// <summary>
    /// How far the first step may be from double precision. The loss of right kernels in float32 is 1e-7 off. Its gradients are up to
    /// 3.4e-3 off in a ResNet-18 with batch normalisation (twelve draws, 64 and 96 px, PyTorch 2.6 as it comes): an activation on the edge
    /// of zero falls to either side. So this finds kernels that are wrong by a tenth; finer errors are found layer by layer, before a
    /// trial. In bfloat16 each layer rounds to two and a half digits.
    /// </summary>
    public static (double Loss, double Gradients) Tolerance(Precision precision) =>
        precision == Precision.Fp32 ? (1e-5, 2e-2) : (3e-2, 0.3);

    /// <returns>What is wrong; null where all is right, or where the side has not said.</returns>
    public static string? Problem(Precision precision, SideDescription side)
    {
        if (side.Errors is not { } errors)
            return null;
        var (loss, gradients) = Tolerance(precision);
        return !(errors.Loss <= loss)
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"its first loss is {errors.Loss:G2} off double precision; allowed: {loss:G1}"
                )
            : !(errors.Gradients <= gradients)
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"its first gradients are {errors.Gradients:G2} off double precision; allowed: {gradients:G1}"
                )
            : null;
    }

    public static string Shown(SideDescription side) =>
        side.Errors is { } errors
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"loss {errors.Loss:G2}, gradients {errors.Gradients:G2} (largest {errors.LargestGradient:G2})"
            )
            : "unknown";
}
