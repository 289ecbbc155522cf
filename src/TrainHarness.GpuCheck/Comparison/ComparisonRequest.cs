namespace TrainHarness.GpuCheck.Comparison;

/// <summary>What is compared, with whom and how long.</summary>
internal sealed record ComparisonRequest
{
    public required IReadOnlyList<ComparedWork> Works { get; init; }

    /// <summary>Each a program with its arguments, which is given a script as <c>-c SCRIPT</c>.</summary>
    public required IReadOnlyList<string> Pythons { get; init; }

    /// <summary>compare-pytorch.py.</summary>
    public required string Script { get; init; }

    /// <summary>How often the sides take turns.</summary>
    public required int Rounds { get; init; }

    /// <summary>How long a turn is to last, about.</summary>
    public required double TurnSeconds { get; init; }

    public required Allocator Allocator { get; init; }
}
