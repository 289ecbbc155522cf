namespace TrainHarness.Protocol;

/// <summary>A way from the baseline to a modern entry, change by change.</summary>
/// <param name="Changes">All that differs between the two, in the order of the file.</param>
/// <param name="Steps">Which entry has which changes; the baseline has none and is not among them, the one with all is.</param>
public sealed record AblationRule(IReadOnlyList<AblationChange> Changes, IReadOnlyList<AblationStep> Steps)
{
    /// <summary>As many fit the bits that a combination is held in, and far more than anybody can measure.</summary>
    public const int MaxChanges = 16;

    /// <summary>The entry with all changes.</summary>
    public string Modern => Steps.First(step => step.Changes.Count == Changes.Count).Entry;
}

/// <summary>One thing that differs, such as <c>schedule</c>.</summary>
/// <param name="Part">What it belongs to: the architecture, the recipe, or the data.</param>
public sealed record AblationChange(string Name, AblationPart Part);

/// <summary>What a change belongs to.</summary>
public enum AblationPart
{
    Architecture,
    Recipe,
    Data,
}

/// <summary>An entry of the study with some of the changes.</summary>
public sealed record AblationStep(string Entry, IReadOnlyList<string> Changes);
