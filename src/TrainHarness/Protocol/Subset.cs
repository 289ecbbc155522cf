using System.Text.Json.Nodes;

namespace TrainHarness.Protocol;

/// <summary>The declared part of a dataset that a study uses; part of the dataset's fingerprint.</summary>
public sealed record Subset
{
    public static Subset Everything { get; } =
        new()
        {
            Classes = null,
            FirstClasses = null,
            TrainFraction = 1,
            ValidationFraction = 1,
        };

    public static Fields<Subset> Fields { get; } =
        new(
            Everything,
            Field.Optional(
                "classes",
                new Kind<IReadOnlyList<string>>(
                    Distinct,
                    classes => classes.ToList(),
                    () =>
                        new JsonObject
                        {
                            ["anyOf"] = new JsonArray(new JsonObject { ["const"] = "all" }, Kind.List(Kind.Text, min: 1).Schema()),
                        }
                ),
                "Names of the classes to keep, or all.",
                (Subset subset) => subset.Classes,
                (subset, value) => subset with { Classes = value }
            ) with
            {
                Read = (subset, node) => IsAll(node) ? subset : subset with { Classes = Distinct(node) },
            },
            Field.Optional(
                "firstClasses",
                Kind.Whole(2, 1_000_000),
                "Keeps that many classes, the first by the SHA-256 of their names.",
                (Subset subset) => subset.FirstClasses,
                (subset, value) => subset with { FirstClasses = value }
            ),
            Field.Optional(
                "trainFraction",
                Kind.Positive(1),
                "Part of each class's training examples to keep.",
                (Subset subset) => (double?)subset.TrainFraction,
                (subset, value) => subset with { TrainFraction = value }
            ),
            Field.Optional(
                "validationFraction",
                Kind.Positive(1),
                "Part of each class's validation examples to keep.",
                (Subset subset) => (double?)subset.ValidationFraction,
                (subset, value) => subset with { ValidationFraction = value }
            )
        )
        {
            Finish = (subset, node) =>
                node.Optional("classes") is not null && node.Optional("firstClasses") is { } first
                    ? throw first.Error("'firstClasses' and 'classes' exclude each other; allowed: one of them.")
                    : subset,
            Besides = () => new JsonObject { ["not"] = new JsonObject { ["required"] = new JsonArray("classes", "firstClasses") } },
        };

    /// <summary>Names of the classes to keep; null keeps all, or <see cref="FirstClasses"/>.</summary>
    public required IReadOnlyList<string>? Classes { get; init; }

    /// <summary>Keeps that many classes, the first by the SHA-256 of their names; null keeps all, or <see cref="Classes"/>.</summary>
    public required int? FirstClasses { get; init; }

    /// <summary>Part of each class's training examples to keep, the first by the SHA-256 of their names; above 0, at most 1.</summary>
    public required double TrainFraction { get; init; }

    /// <summary>Likewise of the validation examples.</summary>
    public required double ValidationFraction { get; init; }

    private static bool IsAll(ConfigurationNode node) => node.IsScalar && node.Choice(("all", true));

    private static List<string> Distinct(ConfigurationNode node)
    {
        List<string> names = [.. node.Items().Select(item => item.Text())];
        return names.Distinct().Count() == names.Count ? names : throw node.Error("duplicate value in the list.");
    }
}
