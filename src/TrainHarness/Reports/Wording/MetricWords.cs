using TrainHarness.Protocol;

namespace TrainHarness.Reports.Wording;

/// <summary>Words for the direction of a metric.</summary>
internal static class MetricWords
{
    /// <summary><c>up</c>, where more is better.</summary>
    public static string Onward(Metric metric) => metric.Better == Better.More ? "up" : "down";

    /// <summary><c>highest</c>, where more is better.</summary>
    public static string Best(Metric metric) => metric.Better == Better.More ? "highest" : "lowest";

    /// <summary>Where better values lie: <c>above</c>, where more is better.</summary>
    public static string Beyond(Metric metric) => metric.Better == Better.More ? "above" : "below";

    /// <summary>Where worse values lie.</summary>
    public static string Before(Metric metric) => metric.Better == Better.More ? "below" : "above";
}
