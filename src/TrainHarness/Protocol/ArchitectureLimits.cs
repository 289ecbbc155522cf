using System.Globalization;

namespace TrainHarness.Protocol;

/// <summary>What an architecture can be asked for.</summary>
/// <param name="MinimumSize">Least example size it takes.</param>
/// <param name="SizeMultiple">Example sizes are multiples of this.</param>
/// <param name="MinimumSizeWithHeads">Least example size with auxiliary heads; null where it has none.</param>
public sealed record ArchitectureLimits(string Name, int MinimumSize, int SizeMultiple, int? MinimumSizeWithHeads, bool HasDropPath)
{
    /// <summary>The example sizes that it takes, in words.</summary>
    public string Sizes => Allowed(MinimumSize);

    /// <summary>Whether it is published at several widths, by a multiplier of its channels.</summary>
    public bool HasWidth { get; init; }

    /// <summary>Whether it is published at several depths, by a multiplier of its layers.</summary>
    public bool HasDepth { get; init; }

    /// <summary>What stands against a network for such examples, in one line; null where nothing does.</summary>
    public string? Refusal(int size, bool withHeads, bool withDropPath, bool withWidth = false, bool withDepth = false)
    {
        if (withWidth && !HasWidth)
            return $"{Name} has no width multiplier; allowed: an entry without 'width-'.";
        if (withDepth && !HasDepth)
            return $"{Name} has no depth multiplier; allowed: an entry without 'depth-'.";
        if (withHeads && MinimumSizeWithHeads is null)
            return $"{Name} has no auxiliary heads; allowed: a recipe without 'auxiliaryLossWeight'.";
        if (withDropPath && !HasDropPath)
            return $"{Name} has no branches to drop; allowed: a recipe without 'dropPath'.";
        var min = withHeads ? MinimumSizeWithHeads!.Value : MinimumSize;
        return size >= min && size % SizeMultiple == 0
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{Name} cannot take examples of size {size}{(withHeads ? " with auxiliary heads" : "")}; allowed: {Allowed(min)}."
            );
    }

    private string Allowed(int min) =>
        SizeMultiple == 1
            ? string.Create(CultureInfo.InvariantCulture, $"{min} or more")
            : string.Create(CultureInfo.InvariantCulture, $"multiples of {SizeMultiple}");
}
