using System.Globalization;
using System.Text.Json.Nodes;

namespace TrainHarness.Protocol;

/// <summary>Reads and writes the key <c>ablation</c> of a study.</summary>
internal static class AblationReader
{
    private static readonly (string Name, AblationPart Part)[] Parts =
    [
        ("architecture", AblationPart.Architecture),
        ("recipe", AblationPart.Recipe),
        ("data", AblationPart.Data),
    ];

    /// <param name="entries">Those of the study, without its baseline.</param>
    public static Kind<AblationRule> KindOf(IReadOnlyCollection<string> entries) => new(node => Read(node, entries), Lines, Schema);

    private static AblationRule Read(ConfigurationNode node, IReadOnlyCollection<string> entries)
    {
        node.Allow("changes", "entries");
        var changes = node.Required("changes");
        List<AblationChange> all = [.. changes.Keys().Select(name => new AblationChange(name, changes.Required(name).Choice(Parts)))];
        if (all.Count is < 1 or > AblationRule.MaxChanges)
            throw changes.Error(
                string.Create(CultureInfo.InvariantCulture, $"'changes' has {all.Count}; allowed: 1 to {AblationRule.MaxChanges}.")
            );
        var names = all.ConvertAll(change => change.Name);
        var steps = node.Required("entries");
        List<AblationStep> read = [.. steps.Keys().Select(entry => Step(entry, steps.Required(entry), names, entries))];
        var rule = new AblationRule(all, read);
        if (read.GroupBy(step => Combination.Of(names, step.Changes)).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw steps.Error($"'{string.Join("' and '", twice.Select(step => step.Entry))}' have the same changes.");
        if (!read.Exists(step => step.Changes.Count == all.Count))
            throw steps.Error($"no entry has all changes ({string.Join(", ", names)}).");
        return Combination.HasOrder([.. read.Select(step => Combination.Of(names, step.Changes)), 0], all.Count)
            ? rule
            : throw steps.Error(
                "no way leads from the baseline to the entry with all changes, one change at a time; "
                    + "allowed: one such way, several, or all combinations."
            );
    }

    private static Dictionary<string, object?> Lines(AblationRule rule) =>
        new()
        {
            ["changes"] = rule.Changes.ToDictionary(
                change => change.Name,
                change => (object?)Array.Find(Parts, part => part.Part == change.Part).Name
            ),
            ["entries"] = rule.Steps.ToDictionary(step => step.Entry, step => (object?)step.Changes.ToList()),
        };

    private static JsonObject Schema() =>
        new()
        {
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["changes"] = new JsonObject
                {
                    ["description"] = "What differs between the two, and what it belongs to.",
                    ["type"] = "object",
                    ["additionalProperties"] = Kind.Choice(Parts).Schema(),
                },
                ["entries"] = new JsonObject
                {
                    ["description"] = "Which entry has which changes.",
                    ["type"] = "object",
                    ["additionalProperties"] = Kind.List(Kind.Text, min: 1).Schema(),
                },
            },
            ["required"] = new JsonArray("changes", "entries"),
            ["additionalProperties"] = false,
        };

    private static AblationStep Step(string entry, ConfigurationNode node, List<string> names, IReadOnlyCollection<string> entries)
    {
        if (!entries.Contains(entry))
            throw node.Error($"'{entry}' is no entry of this study; {NearNames.Allowed(entry, entries)}");
        List<string> changes =
        [
            .. node.Items()
                .Select(item =>
                    names.Contains(item.Text())
                        ? item.Text()
                        : throw item.Error($"unknown change '{item.Text()}'; {NearNames.Allowed(item.Text(), names)}")
                ),
        ];
        if (changes.Distinct().Count() != changes.Count)
            throw node.Error("duplicate change in the list.");
        return changes.Count > 0
            ? new AblationStep(entry, changes)
            : throw node.Error("the list is empty: without changes it is the baseline.");
    }
}
