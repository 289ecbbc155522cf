using System.Globalization;
using System.Text.Json.Nodes;
using TrainHarness.Protocol.Validation;

namespace TrainHarness.Protocol;

/// <summary>Reads the target of a study strictly: a metric, and a level of it that lies in the metric's direction.</summary>
internal static class TargetReader
{
    private static readonly Kind<double> AnyNumber = Kind.Number(double.MinValue, double.MaxValue);

    /// <summary>Keys that describe a metric.</summary>
    private static readonly Fields<Metric> MetricFields = new(
        Metric.OfProtocol1("", chance: null) with
        {
            Min = null,
            Max = null,
        },
        Field.Required(
            "name",
            Kind.Text,
            "As evaluations have it.",
            (Metric metric) => metric.Name,
            (metric, value) => metric with { Name = value }
        ),
        Field.Required(
            "better",
            Kind.Choice(("more", Better.More), ("less", Better.Less)),
            "Which of two values is the better one.",
            (Metric metric) => metric.Better,
            (metric, value) => metric with { Better = value }
        ),
        Field.Required(
            "unit",
            Kind.Choice(("percent", MetricUnit.Percent), ("points", MetricUnit.Points), ("number", MetricUnit.Number)),
            "How values are written for people.",
            (Metric metric) => metric.Unit,
            (metric, value) => metric with { Unit = value }
        ),
        Field.Optional(
            "min",
            AnyNumber,
            "The smallest possible value.",
            (Metric metric) => metric.Min,
            (metric, value) => metric with { Min = value }
        ),
        Field.Optional(
            "max",
            AnyNumber,
            "The largest possible value.",
            (Metric metric) => metric.Max,
            (metric, value) => metric with { Max = value }
        ),
        Field.Optional(
            "chance",
            AnyNumber,
            "The value of blind guessing.",
            (Metric metric) => metric.Chance,
            (metric, value) => metric with { Chance = value }
        ),
        Field.Optional(
            "signature",
            Kind.Text,
            "How it is computed, where values compare only within one such text.",
            (Metric metric) => metric.Signature,
            (metric, value) => metric with { Signature = value }
        )
    )
    {
        Finish = (metric, node) => MetricCheck.Problem(metric) is { } problem ? throw node.Error(problem + ".") : metric,
    };

    /// <summary>Keys of a target.</summary>
    /// <param name="protocol">Of the study: a results folder of protocol 1 names its metric and nothing more.</param>
    /// <param name="metrics">What the study may name; null where only results are read, which describe their own metric.</param>
    public static Fields<Target> Fields(int protocol, IReadOnlyList<Metric>? metrics)
    {
        Field<Target>[] all =
        [
            Field.Required(
                "metric",
                new Kind<Metric>(
                    node => ReadMetric(node, protocol, metrics),
                    metric => protocol == ProtocolVersion.First ? metric.Name : MetricFields.Lines(metric),
                    () => new JsonObject { ["anyOf"] = new JsonArray(Kind.Text.Schema(), MetricFields.Schema()) }
                ),
                "What is to be reached, by its name.",
                (Target target) => target.Metric,
                (target, value) => target with { Metric = value }
            ),
            Field.Optional(
                "from",
                Kind.Choice(("baseline", true)),
                "The baseline's own final metric is the level.",
                (Target target) => target.FromBaseline ? true : null,
                (target, value) => target with { FromBaseline = value }
            ),
            Level("atLeast", Better.More),
            Level("atMost", Better.Less),
            // Only the resolved study in a results folder holds the threshold that its baseline set.
            Field.Optional(
                "threshold",
                AnyNumber,
                "The level that the baseline set.",
                (Target target) => target.FromBaseline ? target.Threshold : null,
                (target, value) => target
            ) with
            {
                Read = (target, node) => target.FromBaseline ? target with { Threshold = ReadLevel(node, target.Metric) } : target,
            },
        ];
        return new(new Target(MetricFields.Blank, null, FromBaseline: false), metrics is null ? all : all[..^1])
        {
            Finish = (target, node) =>
                target.FromBaseline == node.Optional(KeyOf(target.Metric)) is null
                    ? target
                    : throw node.Error($"a target needs either 'from: baseline' or '{KeyOf(target.Metric)}: NUMBER'."),
            Besides = () =>
                new JsonObject
                {
                    ["oneOf"] = new JsonArray([
                        .. ((string[])["from", "atLeast", "atMost"]).Select(key => new JsonObject { ["required"] = new JsonArray(key) }),
                    ]),
                },
        };
    }

    /// <summary>Where a target that means nothing is to be changed: its level, or else its metric.</summary>
    public static string PlaceOf(ConfigurationNode node) =>
        (node.Optional("atLeast") ?? node.Optional("atMost") ?? node.Required("metric")).Place;

    /// <summary>The key of a level that is given: <c>atLeast</c> where more is better.</summary>
    private static string KeyOf(Metric metric) => metric.Better == Better.More ? "atLeast" : "atMost";

    private static Field<Target> Level(string name, Better better) =>
        Field.Optional(
            name,
            AnyNumber,
            better == Better.More ? "A level that is given, of a metric that rises." : "A level that is given, of a metric that falls.",
            (Target target) => !target.FromBaseline && target.Metric.Better == better ? target.Threshold : null,
            (target, value) => target with { Threshold = value }
        ) with
        {
            Read = (target, node) =>
                target.Metric.Better == better
                    ? target with
                    {
                        Threshold = ReadLevel(node, target.Metric),
                    }
                    : throw node.Error(
                        $"'{name}' is no target of {target.Metric.Name}, of which {(better == Better.More ? "less" : "more")} is "
                            + $"better; allowed: {KeyOf(target.Metric)}."
                    ),
        };

    private static double ReadLevel(ConfigurationNode node, Metric metric)
    {
        var level = AnyNumber.Read(node);
        if (!metric.Holds(level))
            throw node.Error(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{level} is no level of {metric.Name}; allowed: {MetricCheck.Allowed(metric)}."
                )
            );
        return level;
    }

    private static Metric ReadMetric(ConfigurationNode node, int protocol, IReadOnlyList<Metric>? metrics)
    {
        var described = node.IsMapping ? MetricFields.Read(node) : null;
        if (metrics is null)
        {
            if (described is null && protocol != ProtocolVersion.First)
                throw node.Error("'metric' must be described: name, better, unit.");
            return described ?? Metric.OfProtocol1(node.Text(), chance: null);
        }

        var place = described is null ? node : node.Required("name");
        var metric = metrics.FirstOrDefault(metric => metric.Name == place.Text())
            ?? throw place.Error(
                $"unknown metric '{place.Text()}'; {NearNames.Allowed(place.Text(), metrics.Select(metric => metric.Name))}"
            );
        return described is null || described.Fits(metric)
            ? metric
            : throw node.Error(
                $"this is another {metric.Name} than this program measures, and the two do not compare; allowed: metric: {metric.Name}."
            );
    }
}
