namespace TrainHarness.Training.Workloads.Translation.Scoring;

/// <summary>How a line becomes words before they are compared; scores by different ones do not compare.</summary>
public enum BleuTokenizer
{
    /// <summary>Punctuation apart from words, as mteval-v13a does it: for text as people write it.</summary>
    V13a,

    /// <summary>At white space alone: for text that is tokenised already.</summary>
    None,
}
