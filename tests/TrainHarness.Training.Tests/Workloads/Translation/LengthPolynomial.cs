namespace TrainHarness.Training.Tests.Workloads.Translation;

/// <summary>What one pair costs: a polynomial of second degree in the lengths, solved in whole numbers from six shapes.</summary>
internal sealed record LengthPolynomial(long Constant, long Source, long Target, long SourceSquared, long SourceTarget, long TargetSquared)
{
    /// <param name="price">Of a source and a target of such lengths.</param>
    public static LengthPolynomial Of(Func<int, int, long> price)
    {
        // Differences of the first and second order at (2, 2).
        var (origin, s, ss, t, tt, st) = (price(2, 2), price(3, 2), price(4, 2), price(2, 3), price(2, 4), price(3, 3));
        var (squareS, squareT, cross) = (Half(ss - (2 * s) + origin), Half(tt - (2 * t) + origin), st - s - t + origin);
        var (linearS, linearT) = (s - origin - (5 * squareS) - (2 * cross), t - origin - (5 * squareT) - (2 * cross));
        var constant = origin - (2 * linearS) - (2 * linearT) - (4 * squareS) - (4 * cross) - (4 * squareT);
        return new LengthPolynomial(constant, linearS, linearT, squareS, cross, squareT);
    }

    public long At(long source, long target) =>
        Constant
        + (Source * source)
        + (Target * target)
        + (SourceSquared * source * source)
        + (SourceTarget * source * target)
        + (TargetSquared * target * target);

    private static long Half(long even) =>
        even % 2 == 0 ? even / 2 : throw new InvalidOperationException($"{even} is odd: the price is no such polynomial.");
}
