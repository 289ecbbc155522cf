namespace TrainHarness.Analysis;

/// <summary>Another field's doubling, to draw beside a trend. None of them is measured here.</summary>
/// <param name="DoublingTimeMonths">Held constant over the whole time: that is the assumption of every line.</param>
/// <param name="Assumption">What doubles, and who says so.</param>
public sealed record ComparisonLine(string Name, double DoublingTimeMonths, string Assumption)
{
    public static IReadOnlyList<ComparisonLine> All { get; } =
    [
        new(
            "Moore's law, 24 months",
            24,
            "computation for a dollar doubles every two years, held constant (AI and Efficiency, 2020, footnote C); 11x from 2012 to 2019"
        ),
        new(
            "Moore's law, 18 months",
            18,
            "computation for a dollar doubles every 18 months, held constant (AI and Compute, first text of 2018)"
        ),
        new("DNA sequencing, 10 months", 10, "what a dollar sequences doubles every 10 months, held constant (AI and Efficiency, 2020)"),
        new("Solar energy, 6 years", 72, "solar energy for a dollar doubles every six years, held constant (AI and Efficiency, 2020)"),
    ];

    /// <summary>The factor that the line has reached at a date, 1 at its start.</summary>
    public double At(DateOnly start, DateOnly date) =>
        Math.Pow(2, (date.DayNumber - start.DayNumber) / Trend.DaysPerMonth / DoublingTimeMonths);
}
