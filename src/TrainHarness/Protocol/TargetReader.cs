using System.Globalization;
using TrainHarness.Protocol.Validation;

namespace TrainHarness.Protocol;

/// <summary>Reads the target of a study strictly: a metric, and a level of it that lies in the metric's direction.</summary>
internal static class TargetReader
{
    /// <param name="protocol">Of the study: a results folder of protocol 1 names its metric and nothing more.</param>
    /// <param name="metrics">What the study may name; null where only results are read, which describe their own metric.</param>
    public static Target Read(ConfigurationNode node, int protocol, IReadOnlyList<Metric>? metrics)
    {
        // Only the resolved study in a results folder holds the threshold that its baseline set.
        if (metrics is null)
            node.Allow("metric", "from", "atLeast", "atMost", "threshold");
        else
            node.Allow("metric", "from", "atLeast", "atMost");
        var metric = ReadMetric(node.Required("metric"), protocol, metrics);
        var from = node.Optional("from");
        var given = Given(node, metric);
        if (from is null == given is null)
            throw node.Error($"a target needs either 'from: baseline' or '{KeyOf(metric)}: NUMBER'.");
        if (given is not null)
            return new Target(metric, Level(given, metric), FromBaseline: false);
        from!.Choice(("baseline", true));
        return new Target(metric, node.Optional("threshold") is { } threshold ? Level(threshold, metric) : null, FromBaseline: true);
    }

    /// <summary>Where a target that means nothing is to be changed: its level, or else its metric.</summary>
    public static string PlaceOf(ConfigurationNode node) => (node.Optional("atLeast") ?? node.Optional("atMost") ?? node.Required("metric")).Place;

    /// <summary>The key of a level that is given: <c>atLeast</c> where more is better.</summary>
    public static string KeyOf(Metric metric) => metric.Better == Better.More ? "atLeast" : "atMost";

    /// <summary>How a resolved study describes a metric.</summary>
    public static Dictionary<string, object?> Lines(Metric metric)
    {
        var lines = new Dictionary<string, object?>
        {
            ["name"] = metric.Name,
            ["better"] = Word(metric),
            ["unit"] = metric.Unit switch
            {
                MetricUnit.Percent => "percent",
                MetricUnit.Points => "points",
                MetricUnit.Number => "number",
                _ => throw new ArgumentOutOfRangeException(nameof(metric), metric.Unit, null),
            },
        };
        (string Key, object? Value)[] known = [("min", metric.Min), ("max", metric.Max), ("chance", metric.Chance), ("signature", metric.Signature)];
        foreach (var (key, value) in known.Where(pair => pair.Value is not null))
            lines[key] = value;
        return lines;
    }

    private static string Word(Metric metric) => metric.Better == Better.More ? "more" : "less";

    private static ConfigurationNode? Given(ConfigurationNode node, Metric metric)
    {
        var (right, wrong) = metric.Better == Better.More ? ("atLeast", "atMost") : ("atMost", "atLeast");
        return node.Optional(wrong) is { } other
            ? throw other.Error($"'{wrong}' is no target of {metric.Name}, of which {Word(metric)} is better; allowed: {right}.")
            : node.Optional(right);
    }

    private static double Level(ConfigurationNode node, Metric metric)
    {
        var level = node.Number(double.MinValue, double.MaxValue);
        if (!metric.Holds(level))
            throw node.Error(string.Create(CultureInfo.InvariantCulture, $"{level} is no level of {metric.Name}; allowed: {MetricCheck.Allowed(metric)}."));
        return level;
    }

    private static Metric ReadMetric(ConfigurationNode node, int protocol, IReadOnlyList<Metric>? metrics)
    {
        var described = node.IsMapping ? Described(node) : null;
        if (metrics is null)
        {
            if (described is null && protocol != ProtocolVersion.First)
                throw node.Error("'metric' must be described: name, better, unit.");
            return described ?? Metric.OfProtocol1(node.Text(), chance: null);
        }

        var place = described is null ? node : node.Required("name");
        var metric = metrics.FirstOrDefault(metric => metric.Name == place.Text())
            ?? throw place.Error($"unknown metric '{place.Text()}'; {NearNames.Allowed(place.Text(), metrics.Select(metric => metric.Name))}");
        return described is null || described.Fits(metric)
            ? metric
            : throw node.Error($"this is another {metric.Name} than this program measures, and the two do not compare; allowed: metric: {metric.Name}.");
    }

    private static Metric Described(ConfigurationNode node)
    {
        node.Allow("name", "better", "unit", "min", "max", "chance", "signature");
        var metric = new Metric
        {
            Name = node.Required("name").Text(),
            Better = node.Required("better").Choice(("more", Better.More), ("less", Better.Less)),
            Unit = node.Required("unit").Choice(("percent", MetricUnit.Percent), ("points", MetricUnit.Points), ("number", MetricUnit.Number)),
            Min = Number("min"),
            Max = Number("max"),
            Chance = Number("chance"),
            Signature = node.Optional("signature")?.Text(),
        };
        return MetricCheck.Problem(metric) is { } problem ? throw node.Error(problem + ".") : metric;

        double? Number(string key) => node.Optional(key)?.Number(double.MinValue, double.MaxValue);
    }
}
