using TrainHarness.Analysis;

namespace TrainHarness.Reports.Tables;

/// <summary>Which figures stand in which section.</summary>
internal static class FiguresOf
{
    public static string[] Factors { get; } = ["efficiency"];

    public static string[] Trials(IReadOnlyList<CostMeasure> measures) => [.. measures.Select(measure => measure.Curve?.Name).OfType<string>()];

    /// <summary>Every figure that a report may have, and so every file name of one.</summary>
    public static IEnumerable<string> Report(IReadOnlyList<CostMeasure> measures) =>
        [.. Factors, .. Section("levels"), .. Section("trend"), .. Section("published"), .. Trials(measures)];

    public static string[] Section(string name) => name switch
    {
        "levels" => ["threshold", "doubling"],
        "trend" => ["trend"],
        "published" => ["published", "published-inference"],
        _ => [],
    };
}
