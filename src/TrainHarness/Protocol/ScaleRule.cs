namespace TrainHarness.Protocol;

/// <summary>Which trials tell how error falls with compute and data: those of the study, and those of others that lie beside it.</summary>
/// <param name="Studies">Names of the others; each has its own part of the data, size of examples, or networks.</param>
/// <param name="Families">
/// Entries that are one method at several sizes; the first family is what the others are compared to. Where it is empty, an entry and its
/// variants in data, size, width and depth are one.
/// </param>
public sealed record ScaleRule(IReadOnlyList<string> Studies, IReadOnlyList<ScaleFamily> Families)
{
    /// <summary>The family of an entry: the name of its method where none holds that.</summary>
    public string FamilyOf(string entry) =>
        EntryVariant.MethodOf(entry) is var method
        && Families.FirstOrDefault(family => family.Entries.Contains(entry) || family.Entries.Contains(method)) is { } family
            ? family.Name
            : method;
}

/// <summary>One method at several sizes.</summary>
/// <param name="Entries">Of the study and of the others.</param>
public sealed record ScaleFamily(string Name, IReadOnlyList<string> Entries);
