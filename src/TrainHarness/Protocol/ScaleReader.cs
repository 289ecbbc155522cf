using System.Text.Json.Nodes;

namespace TrainHarness.Protocol;

/// <summary>Reads and writes the key <c>scale</c> of a study.</summary>
internal static class ScaleReader
{
    /// <param name="studyName">Reads a text that can name a results folder.</param>
    public static Kind<ScaleRule> KindOf(Kind<string> studyName) => new(node => Read(node, studyName.Read), Lines, () => Schema(studyName));

    private static ScaleRule Read(ConfigurationNode node, Func<ConfigurationNode, string> studyName)
    {
        node.Allow("studies", "families");
        var studies = node.Optional("studies");
        List<string> names = [.. studies?.Items().Select(studyName) ?? []];
        if (names.Distinct().Count() != names.Count)
            throw studies!.Error("duplicate study in the list.");
        var families = node.Optional("families");
        var read = families
            ?.Keys()
            .Select(name => new ScaleFamily(name, [.. families.Required(name).Items().Select(item => item.Text())]))
            .ToList()
            ?? [];
        return read.SelectMany(family => family.Entries).GroupBy(entry => entry).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw families!.Error($"'{twice.Key}' stands in two families, or twice in one.")
            : new ScaleRule(names, read);
    }

    private static Dictionary<string, object?> Lines(ScaleRule rule)
    {
        var lines = new Dictionary<string, object?> { ["studies"] = rule.Studies.ToList() };
        if (rule.Families.Count > 0)
            lines["families"] = rule.Families.ToDictionary(family => family.Name, family => (object?)family.Entries.ToList());
        return lines;
    }

    private static JsonObject Schema(Kind<string> studyName)
    {
        var studies = Kind.List(studyName).Schema();
        studies.Insert(0, "description", "Names of studies whose results lie beside this one's; none where it is missing.");
        return new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["studies"] = studies,
                ["families"] = new JsonObject
                {
                    ["description"] =
                        "Entries that are one method at several sizes; where it is missing, an entry and its variants are one.",
                    ["type"] = "object",
                    ["additionalProperties"] = Kind.List(Kind.Text).Schema(),
                },
            },
            ["additionalProperties"] = false,
        };
    }
}
