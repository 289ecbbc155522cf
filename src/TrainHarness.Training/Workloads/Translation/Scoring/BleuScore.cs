namespace TrainHarness.Training.Workloads.Translation.Scoring;

/// <summary>A corpus score (Papineni et al. 2002) and what it is made of.</summary>
/// <param name="Score">From 0 to 100.</param>
/// <param name="Signature">Scores compare only within one.</param>
/// <param name="Counts">Matches of n-grams of one to four words, each as often as a reference has it.</param>
/// <param name="Totals">N-grams of the hypotheses.</param>
/// <param name="BrevityPenalty">Below 1 where the hypotheses have fewer words than the references.</param>
/// <param name="HypothesisLength">Words.</param>
/// <param name="ReferenceLength">Words; of several references, of the one whose length is nearest.</param>
public sealed record BleuScore(
    double Score,
    string Signature,
    IReadOnlyList<long> Counts,
    IReadOnlyList<long> Totals,
    double BrevityPenalty,
    long HypothesisLength,
    long ReferenceLength
);
