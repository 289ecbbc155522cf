namespace TrainHarness.Protocol;

/// <summary>Keys of a workload that nobody at hand can read: they stay as they are written, and are written again as they were.</summary>
public sealed record WrittenSettings(IReadOnlyDictionary<string, object?> Lines) : IWorkloadSettings
{
    /// <summary>Of a workload that has no keys of its own.</summary>
    public static WrittenSettings None { get; } = new(new Dictionary<string, object?>());

    /// <summary>What a variant changes of it is its workload's to know.</summary>
    public IWorkloadSettings SeenBy(EntryVariant variant) => this;
}
