namespace TrainHarness.Training.Workloads.Translation.Packs;

/// <summary>A sentence and its translation as numbers of subwords, without begin and end.</summary>
public sealed record TokenPair(ushort[] Source, ushort[] Target)
{
    /// <summary>As a network sees it: the source with its end.</summary>
    public int SourceLength => Source.Length + 1;

    /// <summary>As a network sees it: the target with its begin, or with its end.</summary>
    public int TargetLength => Target.Length + 1;
}
