namespace TrainHarness.Training.Engine;

/// <summary>What a record says of the network of an entry. The workload, whose catalogue it is from, knows how to build it.</summary>
public interface IArchitecture
{
    /// <summary>As entries name it.</summary>
    string Name { get; }

    /// <summary>First public version of the paper; the first day of all where nobody says it.</summary>
    DateOnly Published { get; }

    /// <summary>Where it was published: <c>arXiv:1512.03385</c>; empty where nobody says it.</summary>
    string Paper { get; }

    /// <summary>SHA-256 of its code, where that is the user's own.</summary>
    string? SourceSha256 => null;

    /// <summary>Decides which of a recipe's two starts it takes.</summary>
    bool HasBatchNormalisation { get; }
}
