namespace TrainHarness.Protocol;

/// <summary>What a study may name: the architectures, by name, and the metrics of one kind of task.</summary>
public sealed record Workload(IReadOnlyList<string> Metrics, IReadOnlyDictionary<string, ArchitectureLimits> Architectures);

/// <summary>What an architecture can be asked for.</summary>
/// <param name="MinimumSize">Least example size it takes.</param>
/// <param name="SizeMultiple">Example sizes are multiples of this.</param>
/// <param name="MinimumSizeWithHeads">Least example size with auxiliary heads; null where it has none.</param>
public sealed record ArchitectureLimits(int MinimumSize, int SizeMultiple, int? MinimumSizeWithHeads, bool HasDropPath)
{
    public bool HasAuxiliaryHeads => MinimumSizeWithHeads is not null;
}
