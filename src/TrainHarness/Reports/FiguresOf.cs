namespace TrainHarness.Reports;

/// <summary>Which figures stand in which section.</summary>
internal static class FiguresOf
{
    public static string[] Trials { get; } = ["compute", "time", "energy"];

    public static string[] Section(string name) => name switch
    {
        "levels" => ["threshold", "doubling"],
        "trend" => ["trend"],
        "measures" => ["published"],
        _ => [],
    };
}
