using System.Globalization;
using TrainHarness.Compute;

namespace TrainHarness.GpuCheck.Comparison;

/// <summary>Whether two sides compute the same: as many parameters, the same first loss, and the same losses after some updates.</summary>
internal static class SameWork
{
    /// <summary>
    /// How far losses may be apart, relative to their size: before any update, after one, and after the last. Other kernels round
    /// otherwise, float32 in its last digits, bfloat16 in its third, and each update starts from what the one before it left.
    /// </summary>
    public static (double Before, double AfterOne, double Last) Tolerance(Precision precision) =>
        precision == Precision.Fp32 ? (1e-5, 1e-4, 2e-2) : (1e-2, 3e-2, 5e-2);

    /// <exception cref="ComparisonRefusedException">They differ; the message says where.</exception>
    public static void Require(Precision precision, SideDescription ours, SideDescription theirs)
    {
        RequireEqual("parameters", ours.Parameters, theirs.Parameters);
        RequireEqual("threads", ours.Threads, theirs.Threads);
        RequireEqual("losses", ours.Losses.Count, theirs.Losses.Count);
        var (before, afterOne, last) = Tolerance(precision);
        for (var updates = 0; updates < ours.Losses.Count; updates++)
            RequireClose(
                updates,
                ours.Losses[updates],
                theirs.Losses[updates],
                updates == 0 ? before
                    : updates == 1 ? afterOne
                    : last
            );
    }

    private static void RequireEqual(string what, long ours, long theirs)
    {
        if (ours != theirs)
            throw new ComparisonRefusedException(string.Create(CultureInfo.InvariantCulture, $"{ours} {what} here, {theirs} there"));
    }

    // A loss that is not a number is close to nothing.
    private static void RequireClose(int updates, double ours, double theirs, double tolerance)
    {
        if (!(Math.Abs(ours - theirs) <= tolerance * Math.Abs(ours)))
            throw new ComparisonRefusedException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the loss after {updates} updates is {ours:G7} here, {theirs:G7} there; allowed: {tolerance:G1} apart, relatively"
                )
            );
    }
}
