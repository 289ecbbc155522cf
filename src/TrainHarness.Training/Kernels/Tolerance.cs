using TrainHarness.Compute;

namespace TrainHarness.Training.Kernels;

/// <summary>How far a right result may be from double precision, relative to the largest element.</summary>
internal static class Tolerance
{
    private const double SingleEpsilon = 1.0 / (1 << 23);
    private const double Bfloat16Epsilon = 1.0 / (1 << 7);
    private const double Bfloat16Roundings = 4;

    /// <param name="terms">How many products each element is the sum of.</param>
    /// <remarks>
    /// Products of independent normal numbers sum up to about √n, and the largest of many elements to four times that. Each addition rounds
    /// its partial sum, of about √k after k products, by at most half an epsilon: the errors of n additions in a row, which are as
    /// independent, add up to about ε n / 3, that is ε √n / 12 of the largest element, and the largest of many errors is four times that.
    /// √n / 2 leaves room for another half decimal digit; kernels that sum in blocks come nowhere near it. A product left out, taken twice
    /// or read from elsewhere changes an element by about 1 / √n of its size, and the largest such change of many elements by more: at a
    /// million products 1e-3, where this allows 6e-5. In bfloat16 the inputs are the same rounded numbers on both sides. oneDNN sums
    /// products in float32 and rounds each result once: half an epsilon of its own size, at most of the largest element. libtorch's own
    /// kernels round some partial sums, too, and were seen two epsilons off; four are allowed. What is wrong there is off by a half.
    /// </remarks>
    public static double Of(Precision precision, double terms) =>
        (SingleEpsilon * (8 + (Math.Sqrt(terms) / 2))) + (precision == Precision.Bf16 ? Bfloat16Roundings * Bfloat16Epsilon : 0);
}
