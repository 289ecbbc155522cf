using System.Numerics;

namespace TrainHarness.Compute;

/// <summary>The n-th root of the product of n values.</summary>
public static class GeometricMean
{
    // Far above what rounding in the estimate can be, far below what Newton's method needs to double its right digits at each step.
    private const double Doubt = 1e-9;

    /// <summary>Of values above zero.</summary>
    /// <returns>The value itself where all are equal: logarithms would change its last digits.</returns>
    public static double Of(IReadOnlyList<double> values) =>
        values.All(value => value == values[0]) ? values[0] : Math.Exp(values.Average(Math.Log));

    /// <summary>Of counts, to the nearest whole number: every digit is right. Zero where one of them is.</summary>
    public static UInt128 Of(IReadOnlyList<UInt128> counts)
    {
        if (counts.All(count => count == counts[0]))
            return counts[0];
        if (counts.Contains(UInt128.Zero))
            return 0;
        var product = counts.Aggregate(BigInteger.One, (sofar, count) => sofar * count);
        var estimate = Math.Exp(counts.Average(count => Math.Log((double)count)));
        var root = Root(product, counts.Count, new BigInteger(estimate * (1 + Doubt)) + 1);
        // Whether root + 1/2 is still below: (2 root + 1)^n against 2^n × product. One is odd and the other even, so they are never equal.
        var isNearerAbove = BigInteger.Pow((2 * root) + 1, counts.Count) < product << counts.Count;
        return (UInt128)(isNearerAbove ? root + 1 : root);
    }

    /// <summary>The largest whole number whose power is not above the value, by Newton's method from above.</summary>
    private static BigInteger Root(BigInteger value, int degree, BigInteger above)
    {
        while (true)
        {
            var next = (((degree - 1) * above) + (value / BigInteger.Pow(above, degree - 1))) / degree;
            if (next >= above)
                return above;
            above = next;
        }
    }
}
